"""Names of customers and people in the scripts that a distributor of the region meets."""

from __future__ import annotations

from dataclasses import dataclass

from kam_analysis.demo.draws import Draws


@dataclass(frozen=True)
class Tongue:
    """How companies and people are called in one language."""

    kinds: dict[str, tuple[str, ...]]
    stems: tuple[str, ...]
    forms: tuple[str, ...]
    quotes: tuple[str, ...]
    order: tuple[str, ...]
    first: tuple[str, ...]
    family: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


INDUSTRIES = ("hotel", "restaurant", "bakery", "office", "school", "health", "retail", "manufacturing")

_MACEDONIAN = Tongue(
    kinds={
        "hotel": ("Хотел", "Апартмани", "Вила"),
        "restaurant": ("Ресторан", "Кафе", "Меана"),
        "bakery": ("Пекара", "Слаткарница"),
        "office": ("Консалтинг", "Осигурување", "Сметководство"),
        "school": ("ОУ", "Градинка", "СУГС"),
        "health": ("Поликлиника", "ПЗУ", "Аптека"),
        "retail": ("Маркет", "Трговија"),
        "manufacturing": ("Фабрика", "Инженеринг", "Производство"),
    },
    stems=_words(
        "Панорама Пелистер Огражден Сонце Јасмин Ѓердан Ќилим Љубаништа Ѕвезда Калина Бисер Галичник Козјак Осогово "
        "Беласица Лозар Нектар Шара Езеро Билјана Цветан Џепчиште Рамно Желка Чинар Шумадин Тиквеш Крушево Водно "
        "Каравилково Златоврв Партизан Искра Ѕуница Јавор Липа Оревче"
    ),
    forms=("ДООЕЛ", "ДОО", "АД", "ДООЕЛ увоз-извоз"),
    quotes=("„{}“", "{}", '"{}"', "«{}»"),
    order=("{kind} {stem} {form} {city}", "{kind} {stem} {form}", "{stem} {kind} {form} {city}", "ТП {kind} {stem}"),
    first=_words("Ана Марија Елена Катерина Горан Драган Зоран Љупчо Бојан Ивана Сашо Ѓорѓи Љиљана Ќиро Весна Игор"),
    family=_words(
        "Петровска Јовановски Ѓорѓиевски Ќосев Стојановска Николов Трајковски Љубојчиќ Димитрова Џамбазов Попов "
        "Илиевска Ристовски Наумоска"
    ),
)
_MACEDONIAN_LATIN = Tongue(
    kinds={
        "hotel": ("Hotel", "Resort"),
        "restaurant": ("Restoran", "Bistro", "Café"),
        "bakery": ("Pekara", "Slatki"),
        "office": ("Konsalting", "Soft", "Media"),
        "school": ("Academy", "Kindergarten"),
        "health": ("Dental", "Medika"),
        "retail": ("Trejd", "Market", "Komerc"),
        "manufacturing": ("Plast", "Metal", "Tekstil"),
    },
    stems=_words("Alfa Vero Sigma Makpetr Evropa Kliment Stobi Ilinden Vizija Gama Porta Mega Rinija Bukurija Dardan"),
    forms=("DOOEL", "DOO", "AD", "sh.p.k."),
    quotes=("{}", '"{}"', "{}"),
    order=("{stem} {kind} {form}", "{kind} {stem} {form}", "{stem}-{kind} {form}"),
    first=_words("Ana Marija Elena Goran Dragan Zoran Bojan Ivana Saso Gjorgji Vesna Igor Arben Blerta"),
    family=_words("Petrovska Jovanovski Gjorgjievski Kjosev Nikolov Trajkovski Popov Ilievska Hoxha Shabani"),
)
_SERBIAN = Tongue(
    kinds={
        "hotel": ("Hotel", "Konaci", "Garni hotel"),
        "restaurant": ("Restoran", "Kafana", "Ugostiteljstvo"),
        "bakery": ("Pekara", "Poslastičarnica"),
        "office": ("Konsalting", "Biro", "Agencija"),
        "school": ("OŠ", "Vrtić", "Gimnazija"),
        "health": ("Ordinacija", "Apoteka", "Dom zdravlja"),
        "retail": ("Promet", "Trgovina", "Market"),
        "manufacturing": ("Fabrika", "Inženjering", "Proizvodnja"),
    },
    stems=_words(
        "Đerdap Čarobnjak Šumarice Žar-Ptica Ćuprija Avala Fruška Morava Zlatibor Tara Kosmaj Vračar Ljubić Njegoš "
        "Džin Jabuka Orašac Vrbas Tisa Begej Kajmak Lipovac Sremac Višnjica Žabalj Gružanka Rtanj"
    ),
    forms=("d.o.o.", "DOO", "a.d.", "PR"),
    quotes=("„{}”", "{}", '"{}"'),
    order=("{kind} {stem} {form}", "{stem} {kind} {form} {city}", "{stem} {form}"),
    first=_words("Jelena Milica Đorđe Željko Nemanja Čedomir Snežana Ljubica Miloš Stefan Živana"),
    family=_words("Petrović Đurić Šćepanović Živković Ćosić Jovanović Milošević Žujović Nikolić Čolić"),
)
_SERBIAN_CYRILLIC = Tongue(
    kinds={
        "hotel": ("Хотел", "Преноћиште"),
        "restaurant": ("Кафана", "Ресторан"),
        "bakery": ("Пекара", "Посластичарница"),
        "office": ("Биро", "Задруга"),
        "school": ("ОШ", "Предшколска установа"),
        "health": ("Дом здравља", "Апотека"),
        "retail": ("Трговина", "Промет"),
        "manufacturing": ("Фабрика", "Млин"),
    },
    stems=_words("Чаробњак Ђердап Шумарице Његош Ћуприја Љубић Жетва Џин Вук Морава Задругар Јединство Хајдук Рудник"),
    forms=("д.о.о.", "а.д.", "ПР", "ДОО"),
    quotes=("„{}”", "{}"),
    order=("{kind} {stem} {form} {city}", "{kind} {stem}"),
    first=_words("Јелена Ђорђе Жељко Чедомир Љубица Милош"),
    family=_words("Петровић Ђурић Шћепановић Живковић Ћосић Јовановић"),
)
_BULGARIAN = Tongue(
    kinds={
        "hotel": ("Хотел", "Спа хотел", "Къща за гости"),
        "restaurant": ("Ресторант", "Механа", "Кафе"),
        "bakery": ("Хлебарница", "Сладкарница"),
        "office": ("Консулт", "Счетоводна къща", "Софт"),
        "school": ("ОУ", "Детска градина"),
        "health": ("МБАЛ", "Дентална клиника"),
        "retail": ("Търговия", "Маркет"),
        "manufacturing": ("Завод", "Инженеринг"),
    },
    stems=_words(
        "Роза Рила Пирин Балкан Тракия Марица Щастие Янтра Витоша Люлин Слънце Юндола Здравец Камчия Перник Оазис "
        "Чинар Дунав Шипка Върбица Ропотамо Хемус"
    ),
    forms=("ЕООД", "ООД", "АД", "ЕТ"),
    quotes=("„{}“", "{}", '"{}"'),
    order=("{kind} {stem} {form}", "{stem} {kind} {form} {city}"),
    first=_words("Георги Иван Мария Десислава Щилян Красимира Юлия Петър"),
    family=_words("Иванов Димитрова Щерев Георгиева Юруков Ангелова"),
)
_RUSSIAN = Tongue(
    kinds={
        "hotel": ("Гостиница", "Отель"),
        "restaurant": ("Кафе", "Столовая"),
        "bakery": ("Пекарня", "Хлебозавод"),
        "office": ("Бюро", "ТД"),
        "school": ("Лицей", "Школа"),
        "health": ("Клиника", "Санаторий"),
        "retail": ("Торговый дом", "ТД"),
        "manufacturing": ("Завод", "Комбинат"),
    },
    stems=_words("Ромашка Василёк Щит Ёлка Жемчужина Сибирь Объединение Чайка Юность Эталон Берёзка Цветущий-Край"),
    forms=("ООО", "АО", "ЗАО", "ПАО"),
    quotes=("«{}»", '"{}"'),
    order=("{form} {kind} {stem}", "{kind} {stem}, {form}", "{form} {stem}"),
    first=_words("Юрий Пётр Ольга Жанна Алексей Татьяна"),
    family=_words("Щербак Цветаев Черных Соловей Седых Кузьменко"),
)
_GERMAN = Tongue(
    kinds={
        "hotel": ("Hotel", "Gasthof"),
        "restaurant": ("Catering", "Betriebsküche", "Café"),
        "bakery": ("Bäckerei", "Konditorei"),
        "office": ("Bürodienst", "Beratung"),
        "school": ("Akademie", "Schulverein"),
        "health": ("Klinik", "Praxisbedarf"),
        "retail": ("Großhandel", "Feinkost"),
        "manufacturing": ("Maschinenbau", "Werke"),
    },
    stems=_words("Müller Schröder Weißhaupt Jäger Königsberger Höfer Brandt Alpenblick Grünwald Süß Ostermann Löwen"),
    forms=("GmbH", "GmbH & Co. KG", "AG", "e.K.", "KG"),
    quotes=("{}",),
    order=("{stem} {kind} {form}", "{kind} {stem} {form}"),
    first=_words("Jürgen Käthe Björn Anke Uwe Sören"),
    family=_words("Müller Schäfer Weiß Größe Lange Köhler"),
)
_ENGLISH = Tongue(
    kinds={
        "hotel": ("Hotels", "Suites"),
        "restaurant": ("Catering", "Diner", "Lunch & Co"),
        "bakery": ("Bakery", "Patisserie"),
        "office": ("Partners", "Solutions", "Consulting"),
        "school": ("International School", "College"),
        "health": ("Clinic", "Dental Care"),
        "retail": ("Stores", "Supplies"),
        "manufacturing": ("Works", "Industries"),
    },
    stems=_words("Harbour O'Neill Blue-Door Northgate Fig&Olive Riverside Kingfisher Old-Mill Beacon Larkspur Summit"),
    forms=("Ltd", "Ltd.", "LLC", "Inc.", "plc"),
    quotes=("{}", '"{}"'),
    order=("{stem} {kind} {form}", "{stem} {kind}, {form}"),
    first=_words("Kate Oliver Grace Thomas Emily Liam"),
    family=_words("O'Neill Baker Smith-Jones Carter Wood Hughes"),
)

TONGUES = {
    "mk": _MACEDONIAN,
    "mk-Latn": _MACEDONIAN_LATIN,
    "sr": _SERBIAN,
    "sr-Cyrl": _SERBIAN_CYRILLIC,
    "bg": _BULGARIAN,
    "ru": _RUSSIAN,
    "de": _GERMAN,
    "en": _ENGLISH,
}

_CITIES = {
    "Skopje": "Скопје",
    "Kumanovo": "Куманово",
    "Tetovo": "Тетово",
    "Veles": "Велес",
    "Štip": "Штип",
    "Bitola": "Битола",
    "Prilep": "Прилеп",
    "Ohrid": "Охрид",
    "Struga": "Струга",
    "Kičevo": "Кичево",
    "Beograd": "Београд",
    "Novi Sad": "Нови Сад",
    "Subotica": "Суботица",
    "Niš": "Ниш",
    "Vranje": "Врање",
    "Sofia": "София",
    "Plovdiv": "Пловдив",
    "Varna": "Варна",
    "Burgas": "Бургас",
}
_LETTERS = dict(
    pair.split("=")
    for pair in _words(
        "а=a б=b в=v г=g д=d е=e ж=zh з=z и=i ј=j к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=c ч=ch ш=sh "
        "ѓ=gj ќ=kj љ=lj њ=nj џ=dj ѕ=dz ђ=dj ћ=c й=j ё=e щ=sht ъ=a ы=y ь= э=e ю=ju я=ja"
    )
)


def company_name(draws: Draws, tongue: str, industry: str, city: str) -> str:
    """Make a company's name: kind, stem in quotes, legal form, sometimes the city; a school has no legal form."""
    words = TONGUES[tongue]
    order = "{kind} {stem} {city}" if industry == "school" else draws.pick(words.order)
    return order.format(
        kind=draws.pick(words.kinds[industry]),
        stem=draws.pick(words.quotes).format(draws.pick(words.stems)),
        form=draws.pick(words.forms),
        city=city_in(tongue, city),
    )


def city_in(tongue: str, city: str) -> str:
    """Spell a city in the script of the language."""
    return _CITIES.get(city, city) if tongue in ("mk", "sr-Cyrl", "bg", "ru") else city


def person_name(draws: Draws, tongue: str) -> str:
    """First name and family name."""
    words = TONGUES[tongue]
    return f"{draws.pick(words.first)} {draws.pick(words.family)}"


def in_latin(text: str) -> str:
    """Write Cyrillic letters in Latin ones, as a clerk would type them.

    Examples
    --------
    >>> in_latin("Хотел „Панорама“ ДООЕЛ")
    'Hotel „Panorama“ DOOEL'
    """
    return "".join(_one_in_latin(letter) for letter in text)


def _one_in_latin(letter: str) -> str:
    latin = _LETTERS.get(letter.lower(), letter)
    return latin.upper() if letter.isupper() and len(latin) == 1 else latin.capitalize() if letter.isupper() else latin


def respelled(name: str, variant: int) -> str:
    """Spell a name as a second clerk would: other script, other quotes, capitals, or a moved legal form.

    Examples
    --------
    >>> respelled("Хотел „Панорама“ ДООЕЛ", 0), respelled("Avala d.o.o.", 3)
    ('Hotel Panorama DOOEL', 'd.o.o. Avala')
    """
    plain = "".join(letter for letter in name if letter not in "„“”«»\"'")
    if variant % 4 == 0:
        return in_latin(plain) if in_latin(plain) != plain else plain.upper()
    if variant % 4 == 1:
        return plain.upper()
    if variant % 4 == 2:
        return plain.replace(" ", "  ", 1) + " "
    *words, last = plain.split()
    return " ".join([last, *words])
