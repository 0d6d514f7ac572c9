(()=>{const d=document,r=d.documentElement,b=d.getElementById('theme');
const k='kam-theme';let s;try{s=localStorage.getItem(k)}catch(e){}
const dark=()=>(r.dataset.theme||(matchMedia('(prefers-color-scheme:dark)').matches?'dark':'light'))=='dark';
const lab=()=>{b.textContent=dark()?b.dataset.light:b.dataset.dark};
if(s)r.dataset.theme=s;
if(b){b.hidden=false;lab();b.onclick=()=>{r.dataset.theme=dark()?'light':'dark';try{localStorage.setItem(k,r.dataset.theme)}catch(e){}lab()}}
addEventListener('beforeprint',()=>d.querySelectorAll('details:not([open])').forEach(x=>{x.open=true;x.dataset.p=1}));
addEventListener('afterprint',()=>d.querySelectorAll('details[data-p]').forEach(x=>{x.open=false;delete x.dataset.p}));
const o=d.getElementById('old');if(o)o.hidden=(Date.now()-Date.parse(o.dataset.newest))/864e5<=+o.dataset.days;
const fold=t=>t.normalize('NFD').replace(/[\u0300-\u036f]/g,'').toLowerCase();
d.querySelectorAll('table.sort').forEach(t=>{const body=t.tBodies[0],H=[...t.tHead.rows[0].cells],say=d.getElementById(t.dataset.say),loc=r.lang;
const val=(row,i)=>{const c=row.cells[i];return c.dataset.v??c.textContent.trim()};
H.forEach((h,i)=>{const l=h.textContent,q=d.createElement('button');q.type='button';q.setAttribute('aria-label',say.dataset.b.replace('{}',l));h.append(q);
q.onclick=()=>{const num='n' in h.dataset,cur=h.getAttribute('aria-sort'),up=cur?cur=='descending':!num;H.forEach(x=>x.removeAttribute('aria-sort'));h.setAttribute('aria-sort',up?'ascending':'descending');
[...body.rows].map((row,j)=>[row,val(row,i),j]).sort((x,y)=>{const e=x[1]==='',f=y[1]==='';if(e||f)return e-f||x[2]-y[2];const c=num?x[1]-y[1]:x[1].localeCompare(y[1],loc);return(up?c:-c)||x[2]-y[2]}).forEach(x=>body.append(x[0]));say.textContent=say.dataset.s.replace('{}',l)}});
const f=d.getElementById(t.dataset.find);if(f){f.closest('.find').hidden=false;f.oninput=()=>{const q=fold(f.value.trim());let n=0;[...body.rows].forEach(x=>{x.hidden=!!q&&!fold(x.textContent).includes(q);n+=!x.hidden});say.textContent=say.dataset.f.replace('{}',n).replace('{}',body.rows.length)}}})})();
