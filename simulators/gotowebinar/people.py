"""Realistic people: names from many countries and scripts, with usual and unusual addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Nation:
    """Names as (written, latin) pairs, with the format of addresses and phones there."""

    country: str
    cities: tuple[str, ...]
    state: str
    dial: str
    given: tuple[str, ...]
    family: tuple[str, ...]


NATIONS = (
    Nation("Germany", ("Köln", "Leipzig", "Bad Tölz"), "", "+49",
           ("Jürgen", "Käthe", "Anke", "Lothar", "Sören", "Heike"),
           ("Müller", "Weiß", "Schröder", "von der Heide", "Krüger", "Größmann")),
    Nation("United States", ("Boise", "New Orleans", "St. Paul"), "Idaho", "+1",
           ("Maya", "DeShawn", "Mary Ann", "Tyler", "Rosa", "Bill"),
           ("O'Neill", "Washington", "Smith-Jones", "Nguyen", "García", "Lee")),
    Nation("Ireland", ("Cork", "Galway", "Sligo"), "", "+353",
           ("Siobhán", "Pádraig", "Aoife", "Conor", "Niamh", "Eoin"),
           ("O'Brien", "Ó Súilleabháin", "Byrne", "McCarthy", "Ní Dhomhnaill", "Walsh")),
    Nation("France", ("Lyon", "Saint-Étienne", "Nîmes"), "", "+33",
           ("Zoé", "Jean-Luc", "Hélène", "François", "Agnès", "Loïc"),
           ("Lefèvre", "D'Arcy", "Dupont", "Béranger", "Le Goff", "Çelik")),
    Nation("Poland", ("Łódź", "Gdańsk", "Kraków"), "", "+48",
           ("Małgorzata", "Łukasz", "Zofia", "Paweł", "Grażyna", "Jan"),
           ("Wójcik", "Brzęczyszczykiewicz", "Kowalska", "Dąbrowski", "Żak", "Nowak")),
    Nation("Turkey", ("İzmir", "Ankara", "Eskişehir"), "", "+90",
           ("Işıl", "İbrahim", "Gülşen", "Çağrı", "Ömer", "Ayşe"),
           ("Yıldız", "Öztürk", "Şahin", "Kılıç", "Güneş", "Aydın")),
    Nation("Brazil", ("São Paulo", "Belém", "Goiânia"), "", "+55",
           ("João", "Conceição", "Thaís", "Antônio", "Luana", "Caio"),
           ("da Silva", "Gonçalves", "Araújo", "dos Santos", "Brandão", "Sá")),
    Nation("Iceland", ("Reykjavík", "Akureyri", "Höfn"), "", "+354",
           ("Þórdís", "Guðmundur", "Björk", "Ægir", "Sæunn", "Ásgeir"),
           ("Sigurðardóttir", "Jónsson", "Þórsdóttir", "Eyþórsson", "Helgadóttir", "Árnason")),
    Nation("Ukraine", ("Київ", "Львів", "Одеса"), "", "+380",
           ("Оксана|oksana", "Тарас|taras", "Юлія|yuliia", "Богдан|bohdan", "Ірина|iryna",
            "Андрій|andrii"),
           ("Шевченко|shevchenko", "Коваль|koval", "Бондар|bondar", "Ткач|tkach",
            "Мельник|melnyk", "Гнатюк|hnatiuk")),
    Nation("Greece", ("Αθήνα", "Πάτρα", "Βόλος"), "", "+30",
           ("Ελένη|eleni", "Γιώργος|giorgos", "Μαρία|maria", "Νίκος|nikos", "Σοφία|sofia",
            "Άρης|aris"),
           ("Παπαδόπουλος|papadopoulos", "Νικολάου|nikolaou", "Βασιλείου|vasileiou",
            "Δήμου|dimou", "Ξανθός|xanthos", "Ρήγας|rigas")),
    Nation("Japan", ("東京", "大阪", "札幌"), "", "+81",
           ("さくら|sakura", "健太|kenta", "陽子|yoko", "大輔|daisuke", "美咲|misaki", "翔|sho"),
           ("佐藤|sato", "鈴木|suzuki", "髙橋|takahashi", "渡邉|watanabe", "伊藤|ito",
            "小林|kobayashi")),
    Nation("China", ("北京", "上海", "成都"), "", "+86",
           ("伟|wei", "芳|fang", "小明|xiaoming", "丽|li", "静怡|jingyi", "强|qiang"),
           ("王|wang", "李|li", "张|zhang", "欧阳|ouyang", "陈|chen", "赵|zhao")),
    Nation("Egypt", ("القاهرة", "الإسكندرية", "أسوان"), "", "+20",
           ("فاطمة|fatma", "محمد|mohamed", "ليلى|layla", "أحمد|ahmed", "نور|nour", "يوسف|youssef"),
           ("حسن|hassan", "عبد الرحمن|abdelrahman", "السيد|elsayed", "منصور|mansour",
            "فهمي|fahmy", "خليل|khalil")),
    Nation("Israel", ("חיפה", "תל אביב", "אילת"), "", "+972",
           ("נועה|noa", "דוד|david", "מיכל|michal", "יוסי|yossi", "תמר|tamar", "אבי|avi"),
           ("כהן|cohen", "לוי|levi", "מזרחי|mizrahi", "פרץ|peretz", "ביטון|biton", "גל|gal")),
    Nation("India", ("मुंबई", "जयपुर", "Chennai"), "", "+91",
           ("प्रिया|priya", "राहुल|rahul", "अनीता|anita", "विजय|vijay", "दीपा|deepa", "अमित|amit"),
           ("शर्मा|sharma", "पटेल|patel", "सिंह|singh", "अय्यर|iyer", "गुप्ता|gupta", "राव|rao")),
    Nation("South Korea", ("서울", "부산", "대구"), "", "+82",
           ("지우|jiwoo", "민준|minjun", "서연|seoyeon", "현우|hyunwoo", "은지|eunji",
            "준호|junho"),
           ("김|kim", "이|lee", "박|park", "최|choi", "정|jung", "남궁|namgung")),
)  # fmt: skip

COMPANIES = (
    ("Nordwind Logistik GmbH", "nordwind"), ("Bücher & Söhne", "bücher"),
    ("Acme Rockets, Inc.", "acme"), ("Tōkai Robotics", "tokai"),
    ("Café del Mar S.A.", "cafedelmar"),
    ("\"Quoted\" Ventures", "quoted"), ("Łódź Textiles", "lodztextiles"),
    ("Umbrella; Sons", "umbrella"),
    ("Green Valley School District", "gvsd"), ("Ελιά Foods", "elia"), ("MegaCorp", "megacorp"),
    ("Fjord & Co", "fjord"), ("Delta Clinic", "deltaclinic"), ("Kite Software", "kite"),
    ("Ubuntu Health", "ubuntuhealth"), ("Monsoon Media", "monsoon"), ("Harbour Bank", "harbour"),
)  # fmt: skip
INDUSTRIES = ("Software", "Education", "Healthcare", "Manufacturing", "Banking", "Retail")
JOBS = ("Engineer", "Head of Marketing", "Teacher", "CEO", "Nurse", "Analyst", "Buyer", "Sales")
_GIVEN = 6
_TOTAL = len(NATIONS) * _GIVEN * _GIVEN
_STEP = 229  # coprime to the number of name combinations, so each is used once before any repeats


@dataclass(frozen=True)
class Someone:
    """A person who can register; the same number and seed give the same one."""

    first_name: str
    last_name: str
    email: str
    fields: dict[str, str]


def someone(number: int, seed: int) -> Someone:
    """Return person ``number`` of ``seed``; every 97th uses a shared address."""
    shuffled = (number * _STEP + seed) % _TOTAL
    rest, nation_at = divmod(shuffled, len(NATIONS))
    family_at, given_at = divmod(rest, _GIVEN)
    nation = NATIONS[nation_at]
    given, _, given_latin = nation.given[given_at].partition("|")
    family, _, family_latin = nation.family[family_at].partition("|")
    mixed = (number * 2654435761 + seed * 40503) >> 7
    company, domain = COMPANIES[mixed % len(COMPANIES)]
    local = f"{latin(given_latin or given)}.{latin(family_latin or family)}"
    round_at = number // _TOTAL
    if round_at:
        local += str(round_at)
    email = _address(number, local, domain, family)
    fields = {"country": nation.country, "city": nation.cities[mixed % 3], "organization": company}
    if nation.state and mixed % 2:
        fields["state"] = nation.state
    if mixed % 3:
        fields["phone"] = f"{nation.dial} {100 + mixed % 900} {1000 + mixed % 9000}"
        fields["jobTitle"] = JOBS[mixed % len(JOBS)]
    if mixed % 5:
        fields["industry"] = INDUSTRIES[mixed % len(INDUSTRIES)]
        fields["zipCode"] = f"{mixed % 100000:05d}"
        fields["address"] = f"{1 + mixed % 250} {family} St."
    return Someone(given, family, email, fields)


def _address(number: int, local: str, domain: str, family: str) -> str:
    """Mostly usual; some shared, upper case, with a plus, an apostrophe or an IDN domain."""
    ascii_domain = latin(domain)
    if number % 97 == 5:
        return f"office@{ascii_domain}.example"
    if "'" in family and number % 2:
        return f"{local.split('.')[0]}.o'{local.split('.')[-1][1:]}@{ascii_domain}.example"
    if number % 29 == 3:
        return f"{local}+webinar@{ascii_domain}.example"
    if number % 17 == 2:
        return f"{local}@{ascii_domain}.example".upper()
    return f"{local}@{domain}.example"


_FOLD = str.maketrans(
    "äöüßéèêëáàâãåíìîïóòôõøúùûñçðýłżźśćńęąğışâÿőű",
    "aouseeeeaaaaaiiiiooooouuuncdylzzscneagisayou",
)
_LATIN: dict[str, str] = {}


def latin(name: str) -> str:
    """Return a name as the local part of an address: lower case ASCII letters and digits."""
    known = _LATIN.get(name)
    if known is None:
        folded = name.lower().replace("þ", "th").replace("æ", "ae").translate(_FOLD)
        known = "".join(c for c in folded if c.isascii() and c.isalnum()) or "x"
        _LATIN[name] = known
    return known
