"""What months are called, in twenty-five languages, and how other scripts write numbers, hours and years."""

from __future__ import annotations

import re
import unicodedata

# January to December, without accents. Full names count first; prefixes from three letters on count too where they
# belong to one month. In the west: en de fr es it pt nl sv/da/no pl fi. In the east: cs/sk tr ro hu id/ms lt lv et
# hr/sl ru uk bg sr el.
IN_THE_WEST = (
    "january januar janner janvier enero gennaio janeiro januari stycznia tammikuuta",
    "february februar fevrier febrero febbraio fevereiro februari lutego helmikuuta",
    "march marz maerz mars marzo marco maart marts marca maaliskuuta",
    "april avril abril aprile kwietnia huhtikuuta",
    "may mai mayo maggio maio mei maj maja toukokuuta",
    "june juni juin junio giugno junho czerwca kesakuuta",
    "july juli juillet julio luglio julho lipca heinakuuta",
    "august aout agosto augustus augusti sierpnia elokuuta",
    "september septembre septiembre setiembre settembre setembro sept wrzesnia syyskuuta",
    "october oktober octobre octubre ottobre outubro pazdziernika lokakuuta",
    "november novembre noviembre novembro listopada marraskuuta",
    "december dezember decembre diciembre dicembre dezembro desember grudnia joulukuuta",
)
IN_THE_EAST = (
    "ledna ocak ianuarie sausio janvaris jaanuar sijecnja gener января січня януари јануар ιανουαριου",
    "unora subat februarie vasario februaris veebruar veljace februara февраля лютого февруари фебруар φεβρουαριου",
    "brezna mart martie marcius maret kovo marts ozujka marta marec марта березня март μαρτιου",
    "dubna nisan aprilie aprilis balandzio aprill travnja aprila апреля квітня април απριλιου",
    "kvetna mayis majus geguzes maijs svibnja maya мая травня май мај μαιου",
    "cervna haziran iunie junius birzelio junijs juuni lipnja juna июня червня юни јун ιουνιου",
    "cervence temmuz iulie julius liepos julijs juuli srpnja jula июля липня юли јул ιουλιου",
    "srpna agustos augusztus agustus rugpjucio augusts kolovoza avgust avgusta августа серпня август αυγουστου",
    "zari eylul septembrie szeptember rugsejo septembris rujna septembra сентября вересня септември σεπτεμβριου",
    "rijna ekim octombrie spalio oktobris oktobra октября жовтня октомври октобар οκτωβριου",
    "listopadu kasim noiembrie lapkricio novembris studenoga novembra ноября листопада ноември новембар νοεμβριου",
    "prosince aralik decembrie gruodzio decembris detsember prosinca decembra декабря грудня декември δεκεμβριου",
)
MONTH_NAMES = tuple(f"{west} {east}" for west, east in zip(IN_THE_WEST, IN_THE_EAST, strict=True))

# Scripts whose words do not stand apart or carry their vowels as marks: replaced before anything else is read.
WORDS = {
    1: "जनवरी|يناير|كانون الثاني|มกราคม|ม.ค.|জানুয়ারি|ஜனவரி|tháng 1|tháng một|ינואר|ژانویه",
    2: "फरवरी|فبراير|شباط|กุมภาพันธ์|ก.พ.|ফেব্রুয়ারি|பிப்ரவரி|tháng 2|ফেব্রুয়ারি|פברואר|فوریه",
    3: "मार्च|مارس|آذار|มีนาคม|มี.ค.|মার্চ|மார்ச்|tháng 3|מרץ",
    4: "अप्रैल|أبريل|ابريل|إبريل|نيسان|เมษายน|เม.ย.|এপ্রিল|ஏப்ரல்|tháng 4|אפריל|آوریل",
    5: "मई|مايو|أيار|พฤษภาคม|พ.ค.|মে|மே|tháng 5|מאי",
    6: "जून|يونيو|يونيه|حزيران|มิถุนายน|มิ.ย.|জুন|ஜூன்|tháng 6|יוני|ژوئن",
    7: "जुलाई|يوليو|يوليه|تموز|กรกฎาคม|ก.ค.|জুলাই|ஜூலை|tháng 7|יולי|ژوئیه",
    8: "अगस्त|أغسطس|اغسطس|آب|สิงหาคม|ส.ค.|আগস্ট|ஆகஸ்ட்|tháng 8|אוגוסט|اوت",
    9: "सितंबर|सितम्बर|سبتمبر|أيلول|กันยายน|ก.ย.|সেপ্টেম্বর|செப்டம்பர்|tháng 9|ספטמבר|سپتامبر",
    10: "अक्टूबर|अक्तूबर|أكتوبر|اكتوبر|تشرين الأول|ตุลาคม|ต.ค.|অক্টোবর|அக்டோபர்|tháng 10|אוקטובר|اکتبر",
    11: "नवंबर|नवम्बर|نوفمبر|تشرين الثاني|พฤศจิกายน|พ.ย.|নভেম্বর|நவம்பர்|tháng 11|נובמבר|نوامبر",
    12: "दिसंबर|दिसम्बर|ديسمبر|كانون الأول|ธันวาคม|ธ.ค.|ডিসেম্বর|டிசம்பர்|tháng 12|דצמבר|دسامبر",
}
ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
IN_ENGLISH = {name: f" {ENGLISH[number - 1]} " for number, names in WORDS.items() for name in names.split("|")}
FOREIGN_MONTH = re.compile("|".join(re.escape(name) for name in sorted(IN_ENGLISH, key=len, reverse=True)))

SIGNS = str.maketrans({
    "年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " ", "時": ":", "时": ":", "시": ":", "点": ":",
    "分": " ", "분": " ", "秒": " ", "초": " ", "\u2212": "-", "\u2013": "-", "ł": "l", "ı": "i", "İ": "i", "،": ",",
    "ʼ": "'",
})  # fmt: skip
EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
HALF_OF_DAY = re.compile(r"(오전|오후|午前|午後|上午|下午|晚上|凌晨)\s*([0-9]{1,2})(?=\s*[:：])")
AFTERNOON = frozenset(("오후", "午後", "下午", "晚上"))
SPACED = re.compile(r"(?<=[0-9])\s*([-:])\s*(?=[0-9])")
THAI = re.compile(r"[\u0e00-\u0e7f]")
BUDDHIST_YEAR = re.compile(r"(?<![0-9])(25[0-9]{2})(?![0-9])")


def in_western_terms(text: str) -> str:
    """A date in any script with Western digits, English months, hyphens and colons; years of the Common Era."""
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    thai = THAI.search(text) is not None
    if EAST_ASIAN.search(text):
        text = SPACED.sub(r"\1", HALF_OF_DAY.sub(whole_day, text.translate(SIGNS)))
    text = FOREIGN_MONTH.sub(lambda found: IN_ENGLISH[found[0]], text)
    return BUDDHIST_YEAR.sub(lambda found: str(int(found[1]) - 543), text) if thai else text


def whole_day(found: re.Match[str]) -> str:
    """ "오후 3" as 15."""
    hour = int(found[2]) % 12
    return f" {hour + 12 if found[1] in AFTERNOON else hour}"


def numbers_of_months(plain_names: tuple[str, ...]) -> dict[str, int]:
    """Full names, then prefixes from three letters on that belong to one month only, then the English ones."""
    full: dict[str, set[int]] = {}
    prefixes: dict[str, set[int]] = {}
    for number, names in enumerate(plain_names, start=1):
        for name in names.split():
            full.setdefault(name, set()).add(number)
            for end in range(3, len(name)):
                prefixes.setdefault(name[:end], set()).add(number)
    english = {names[:3]: number for number, names in enumerate(plain_names, start=1)}  # "mar" is not marraskuuta
    sure = {name: found.pop() for name, found in prefixes.items() if len(found) == 1}
    return sure | english | {name: found.pop() for name, found in full.items() if len(found) == 1}
