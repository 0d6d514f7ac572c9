// What the tests of pages ask a browser.
window.checks = {
  // Elements that reach beyond the window though no region of their own scrolls them.
  overflow() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('main *')]
      .filter(e => e.getBoundingClientRect().right > width + 1 && !e.closest('.wrap'))
      .slice(0, 3).map(e => e.outerHTML.slice(0, 100));
  },

  // Text whose contrast with the nearest painted background is below 4.5 (3 for large text), by WCAG 2.
  contrast() {
    const parts = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
    const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
    const painted = e => {
      for (; e; e = e.parentElement) {
        const colour = parts(getComputedStyle(e).backgroundColor);
        if (colour[3] > .99) return colour;
      }
      return [255, 255, 255];
    };
    const found = new Map(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const text = walk.currentNode.data.trim(), e = walk.currentNode.parentElement, style = getComputedStyle(e);
      if (!text || e.closest('svg,script,style,.sr,.skip') || !e.getClientRects().length) continue;
      const a = light(parts(style.color)), b = light(painted(e));
      const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
      const size = parseFloat(style.fontSize), isLarge = size >= 24 || size >= 18.66 && +style.fontWeight >= 700;
      if (ratio < (isLarge ? 3 : 4.5)) found.set(style.color + e.className, text.slice(0, 40) + ' ' + ratio.toFixed(2));
    }
    return [...found.values()];
  },

  // Places that the keyboard reaches, in the order of the page.
  reached() {
    return [...document.querySelectorAll('a[href],button,input,summary,[tabindex="0"]')]
      .filter(e => e.getClientRects().length && e.checkVisibility() && !e.disabled).map(e => e.outerHTML.slice(0, 80));
  },

  // Where the keyboard is, and whether that is seen.
  focused() {
    const e = document.activeElement, style = getComputedStyle(e);
    return [e.outerHTML.slice(0, 80), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0];
  },

  // Words of the page without header, footer, charts, navigation and the folded appendix.
  words() {
    const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), found = [];
    while (walk.nextNode()) {
      const isText = !walk.currentNode.parentElement.closest('svg,script,style,.sr,.appendix,nav');
      if (isText) found.push(walk.currentNode.data);
    }
    return found.join(' ').split(/\s+/).filter(word => /[\p{L}\p{N}]/u.test(word)).length;
  },
};
