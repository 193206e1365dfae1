"""Texts that look alike and are no copies: furniture, templates, briefs that differ in one fact."""

from __future__ import annotations

import random

Chance = random.Random

NAMES = [
    "Anna Berg",
    "Tom Okoro",
    "Luis Vidal",
    "Mara Lindt",
    "Ivo Petric",
    "Chen Wei",
    "Priya Nair",
    "Sam Doyle",
    "Elif Kaya",
    "Jan Novak",
    "Zoe Hart",
]
PLACES = [
    "Leeds",
    "Kiel",
    "Lyon",
    "Vigo",
    "Turin",
    "Brno",
    "Gdansk",
    "Porto",
    "Bergen",
    "Izmir",
    "Cork",
    "Graz",
    "Utrecht",
    "Malmo",
    "Basel",
    "Lille",
    "Ghent",
    "Tartu",
]
FIRMS = [
    "Norvik",
    "Calder",
    "Astra",
    "Helio",
    "Brandt",
    "Tessera",
    "Quanta",
    "Osprey",
    "Velto",
    "Marlow",
    "Kestrel",
    "Dunmore",
    "Selva",
    "Orion",
    "Pallas",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
TAGE = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
SIGNS = ["Aries", "Taurus", "Gemini", "Cancer", "Leo", "Virgo", "Libra", "Scorpio", "Pisces"]
AGENCY = ["Reuters", "AP", "AFP", "dpa", "PA", "EFE", "ANSA", "TASS"]

FURNITURE = [
    "You have reached your limit of free articles this month. Already a subscriber? Log in here. Support independent journalism and get unlimited access to every story, our daily puzzles, the weekend magazine and the archive from one pound a week. Cancel at any time. Terms apply.",
    "Get our morning briefing in your inbox every weekday. Enter your email address below and choose the topics that you care about. By signing up you agree to our privacy notice and to receive occasional offers from our partners. You can unsubscribe with one click at any time.",
    "Comments are moderated before they appear. Be kind to one another and stay on the subject. We remove personal attacks, advertising and anything unlawful. The views below are those of our readers and not of this newspaper. Report a comment that breaks these rules to our community team.",
    "Diesen Artikel weiterlesen mit unserem Digitalabo. Monatlich kündbar, die ersten vier Wochen kostenlos. Sie haben bereits ein Abo? Hier anmelden. Mit dem Newsletter der Chefredaktion erhalten Sie jeden Morgen die wichtigsten Nachrichten aus Ihrer Region. Hinweise zum Datenschutz finden Sie in unserer Erklärung.",
    "Esta noticia es exclusiva para suscriptores. Si ya eres suscriptor inicia sesión. Suscríbete por un euro al mes y lee sin límites todas las noticias, los análisis y los reportajes de nuestra redacción. Puedes darte de baja cuando quieras. Consulta las condiciones y la política de privacidad de este diario.",
    "Home News Sport Business Opinion Culture Travel Weather Puzzles Podcasts Jobs Property Motors Dating. Follow us on Facebook, Instagram, Threads and WhatsApp. Download our app for iPhone and Android. Contact the newsroom. Advertise with us. Archive. Photo sales. Accessibility. Corrections and clarifications.",
]  # fmt: skip
EXPLAINERS = [
    "What is the court and how does it work? The court was founded in 1998 by a treaty that more than a hundred states have signed. It tries people, not states, for the gravest crimes. Its judges are elected for nine years. It has no police of its own and relies on its members to arrest the accused. Trials may last for years, and both sides may appeal.",
    "The central bank meets eight times a year to decide on interest rates. Nine members vote, and the governor speaks last. Higher rates make loans dearer and savings pay more, which should bring inflation down to the target of two percent. The minutes of each meeting are published two weeks later on the website of the bank, together with its forecasts.",
    "Der Länderfinanzausgleich regelt, wie die Einnahmen zwischen den Ländern verteilt werden. Wohlhabende Länder geben einen Teil ihrer Einnahmen an ärmere ab. Seit der Reform von 2020 geschieht das über die Umsatzsteuer. Kritiker halten das System für zu kompliziert, weil es kaum jemand durchschaut und weil Anreize zum Sparen fehlen, wie ein Gutachten zeigte.",
]  # fmt: skip
OPENINGS = [
    "Welcome to the Saturday letter, in which our gardening editor answers what readers ask about beds, borders, pots and pests. Send your question to the address below with a picture of the plant and tell us where you live and how much sun it gets. We cannot reply to each of you, but we read everything, and the best question of the month wins a pair of secateurs.",
    "In this series our critics look again at a film that was loved, hated or forgotten when it came out. This is where we watch with the sound turned up, argue with our younger selves, and ask whether it was worth the fuss. As ever there are spoilers from the first line on, so come back later if you have not seen it. And write to us if you think we are wrong.",
]  # fmt: skip


# --- look-alikes: chance -> (site or None, title, text) ---------------------------------------------------------------


def templates(chance: Chance) -> dict[str, str]:
    """One text of each template, its slots filled by chance."""
    n = chance.randint
    c = chance.choice
    return {
        "weather": f"{c(PLACES)}: The day begins {c(['dry', 'grey', 'foggy'])} with {n(0, 12)} degrees. By noon the thermometer climbs to {n(13, 30)} degrees. A {c(['weak', 'fresh', 'strong'])} wind blows from the {c(['south', 'north', 'west'])} at {n(5, 60)} km/h. The risk of rain is {n(0, 100)} percent. Tonight expect lows of {n(-5, 9)} degrees and patchy cloud inland. Sunrise {n(5, 8)}.{n(10, 59)}, sunset {n(16, 21)}.{n(10, 59)}.",
        "wetter": f"In {c(PLACES)} wird es am {c(TAGE)} {c(['sonnig', 'wolkig', 'regnerisch'])}. Die Höchstwerte liegen bei {n(10, 33)} Grad, nachts kühlt es auf {n(-3, 12)} Grad ab. Der Wind weht mit {n(5, 70)} Kilometern pro Stunde. Die Regenwahrscheinlichkeit liegt bei {n(0, 100)} Prozent. Für die kommenden Tage erwarten die Meteorologen kaum Veränderungen bei Werten um {n(10, 30)} Grad.",
        "stock": f"Shares of {c(FIRMS)} Plc {c(['rose', 'fell'])} {n(1, 9)}.{n(0, 9)} percent to close at {n(10, 900)} pence on {c(DAYS)}. The stock has traded between {n(5, 90)} and {n(91, 999)} pence over the past year. Volume was {n(1, 90)} million shares against an average of {n(1, 90)} million. The company has a market value of {n(1, 80)} billion pounds. Analysts have {n(1, 20)} buy ratings on the stock, {n(1, 9)} hold and {n(0, 5)} sell.",
        "boerse": f"Die Aktie von {c(FIRMS)} notierte am {c(TAGE)} {n(1, 9)},{n(10, 99)} Prozent {c(['höher', 'tiefer'])} bei {n(10, 400)},{n(10, 99)} Euro. Das Tageshoch lag bei {n(10, 400)},{n(10, 99)} Euro. Zuletzt wechselten {n(1000, 99999)} Papiere den Besitzer. Das Jahreshoch markierte das Papier bei {n(10, 400)},{n(10, 99)} Euro, das Tief bei {n(5, 100)},{n(10, 99)} Euro.",
        "lottery": f"The winning numbers in {c(DAYS)}'s draw were {n(1, 49)}, {n(1, 49)}, {n(1, 49)}, {n(1, 49)}, {n(1, 49)} and {n(1, 49)}, and the bonus ball was {n(1, 49)}. No ticket matched all six numbers, so the jackpot rolls over to an estimated {n(2, 20)} million. Check your ticket with care and claim within 180 days. Players must be eighteen or over to take part in the draw.",
        "loto": f"Resultados del sorteo del {c(['lunes', 'martes', 'jueves', 'sábado'])} {n(1, 30)}: {n(1, 49)}, {n(1, 49)}, {n(1, 49)}, {n(1, 49)}, {n(1, 49)} y {n(1, 49)}, con el complementario {n(1, 49)} y el reintegro {n(0, 9)}. El bote para el próximo sorteo asciende a {n(1, 90)} millones de euros. La recaudación alcanzó los {n(1000000, 9000000)} euros en toda España, según ha informado el organismo estatal de loterías.",
        "obituary": f"{c(NAMES)}, {n(60, 99)}, of {c(PLACES)}, passed away peacefully on {c(DAYS)} surrounded by family. Born in {c(PLACES)} in {n(1925, 1960)}, the deceased worked for {n(10, 45)} years at {c(FIRMS)} and loved gardening and music. A service will be held at St {c(['John', 'Mary', 'Luke'])}'s church in {c(PLACES)} at {n(9, 15)} o'clock. In lieu of flowers the family asks for gifts to the hospice.",
        "match": f"{c(PLACES)} {c(['beat', 'lost to', 'drew with'])} {c(PLACES)} {n(0, 5)}-{n(0, 5)} in front of {n(900, 60000)} fans. {c(NAMES)} scored after {n(2, 44)} minutes and {c(NAMES)} added another from the spot in the {n(46, 90)}th minute. The hosts had the better of the second half but could not find a way past the goalkeeper. The result leaves the visitors {n(2, 18)}th in the table with {n(5, 70)} points.",
        "foot": f"{c(PLACES)} s'est {c(['imposé', 'incliné'])} {n(0, 5)}-{n(0, 5)} face à {c(PLACES)} devant {n(900, 60000)} spectateurs. {c(NAMES)} a ouvert le score à la {n(2, 44)}e minute, avant que {c(NAMES)} ne marque à son tour à la {n(46, 90)}e. Les visiteurs pointent désormais à la {n(2, 18)}e place du classement avec {n(5, 70)} points et recevront {c(PLACES)} le week-end prochain pour le compte de la prochaine journée.",
        "horoscope": f"{c(SIGNS)}: The moon in your house of {c(['love', 'money', 'work', 'health'])} brings {c(['calm', 'surprises', 'tension'])} this week. Listen before you speak and do not sign anything before {c(DAYS)}. Your lucky number is {n(1, 99)}. {c(['An old friend calls.', 'A letter changes your plans.', 'Keep an eye on your purse.'])} Single? Look around you on {c(DAYS)}. Couples should plan a trip together and talk about what matters to both.",
        "crash": f"A {n(18, 80)}-year-old {c(['man', 'woman'])} was taken to hospital after a crash near {c(PLACES)} on {c(DAYS)}. It happened at about {n(1, 12)}.{n(10, 59)} on the A{n(10, 99)}. Police ask anyone who saw the collision or has footage to call 101 and quote incident {n(100, 999)}.",
        "погода": f"В городе {c(PLACES)} завтра ожидается {c(['дождь', 'снег', 'туман'])}. Температура воздуха днём составит {n(1, 30)} градусов, ночью {n(-9, 9)} градусов. Ветер {c(['северный', 'южный'])}, {n(1, 20)} метров в секунду. Атмосферное давление {n(720, 770)} миллиметров. Водителей просят быть внимательными на дорогах и соблюдать дистанцию, сообщает гидрометцентр.",
        "天気": f"{c(['東京', '大阪', '札幌', '福岡', '仙台'])}の明日の天気は{c(['晴れ', '曇り', '雨'])}で、最高気温は{n(10, 35)}度、最低気温は{n(-3, 20)}度の見込みです。降水確率は{n(0, 100)}パーセントで、風速は{n(1, 15)}メートルと予想されています。気象庁は、外出の際には最新の情報を確認するよう呼びかけています。",
        "طقس": f"تتوقع الأرصاد الجوية في مدينة {c(['القاهرة', 'دمشق', 'تونس', 'عمان'])} غدا طقسا {c(['مشمسا', 'غائما', 'ممطرا'])} حيث تصل درجة الحرارة العظمى إلى {n(20, 45)} درجة والصغرى إلى {n(5, 19)} درجة وتبلغ سرعة الرياح {n(5, 60)} كيلومترا في الساعة مع نسبة رطوبة تصل إلى {n(10, 99)} في المئة خلال ساعات النهار بحسب بيان الهيئة العامة.",
        "väder": f"Vädret i {c(PLACES)} blir {c(['soligt', 'mulet', 'regnigt'])} på {c(['måndag', 'tisdag', 'fredag', 'lördag'])}. Dagens högsta temperatur väntas bli {n(5, 30)} grader och under natten sjunker den till {n(-9, 10)} grader. Vinden är {c(['svag', 'måttlig', 'frisk'])}, {n(1, 20)} meter per sekund. Risken för nederbörd är {n(0, 100)} procent enligt prognosen från den statliga vädertjänsten.",
        "earnings": f"{c(FIRMS)} Holdings said on {c(DAYS)} that net profit for the quarter {c(['rose', 'fell'])} {n(1, 80)} percent to {n(10, 990)} million euros on sales of {n(1, 40)}.{n(1, 9)} billion. Analysts had expected {n(10, 990)} million. The group {c(['confirmed', 'raised', 'cut'])} its outlook for the year and proposed a dividend of {n(1, 5)}.{n(10, 99)} euros. Chief executive {c(NAMES)} said that demand had been solid in all regions.",
        "court": f"{c(NAMES)}, {n(18, 80)}, of {c(PLACES)} Road, {c(PLACES)}, pleaded guilty to {c(['driving without insurance', 'theft from a shop', 'being drunk and disorderly', 'keeping a dog without a licence'])} on {c(DAYS)}, {n(1, 28)} March. Fined {n(40, 900)} pounds and ordered to pay costs of {n(85, 300)} pounds and a victim surcharge of {n(30, 90)} pounds. {n(3, 9)} penalty points.",
        "results": f"League Two results: {c(PLACES)} {n(0, 4)} {c(PLACES)} {n(0, 4)}; {c(PLACES)} {n(0, 4)} {c(PLACES)} {n(0, 4)}; {c(PLACES)} {n(0, 4)} {c(PLACES)} {n(0, 4)}; {c(PLACES)} {n(0, 4)} {c(PLACES)} {n(0, 4)}. Standings: {c(PLACES)} {n(20, 90)} points, {c(PLACES)} {n(20, 90)} points, {c(PLACES)} {n(20, 90)} points. Next round on {c(DAYS)}.",
        "quake": f"A magnitude {n(3, 7)}.{n(0, 9)} earthquake struck {n(5, 90)} km {c(['north', 'south', 'east', 'west'])} of {c(PLACES)} at {n(1, 12)}:{n(10, 59)} a.m. on {c(DAYS)}, the geological survey said. The epicentre was at a depth of {n(5, 99)} km. There were no immediate reports of damage or injuries. This story was generated automatically from data of the survey and checked by an editor before it was published.",
        "election": f"{c(NAMES)} has won the seat of {c(PLACES)} {c(['North', 'South', 'Central'])} with {n(8000, 30000)} votes, a majority of {n(90, 9000)} over {c(NAMES)}. Turnout was {n(40, 79)}.{n(0, 9)} percent. At the last election the seat was held by {c(NAMES)} with a majority of {n(90, 9000)}. The swing was {n(1, 20)}.{n(0, 9)} percent. The full result of every constituency will be found on our results page as it is declared.",
        "filing": f"{c(FIRMS)} Group plc (the Company) announces that on {n(1, 28)} March it purchased {n(1000, 99999)} of its own ordinary shares at a price of {n(100, 900)}.{n(10, 99)} pence per share under the programme announced on {n(1, 28)} January. The purchased shares will be held in treasury. Following the purchase the Company has {n(100000000, 900000000)} shares in issue. The figure may be used by shareholders as the denominator for the calculations by which they determine whether they must notify their interest.",
        "houses": f"The average house in {c(PLACES)} sold for {n(100, 900)},{n(100, 999)} pounds in January, {n(1, 9)}.{n(0, 9)} percent {c(['more', 'less'])} than in the month before, figures of the statistics office show. Over the year prices there have {c(['risen', 'fallen'])} by {n(1, 19)}.{n(0, 9)} percent, which puts {c(PLACES)} {n(2, 12)}th of the region's twelve districts. The best growth was in {c(PLACES)}, where prices went up by {n(5, 25)} percent. First-time buyers in {c(PLACES)} spent {n(90, 400)},{n(100, 999)} pounds on average, about {n(1, 80)},000 pounds more than five years ago. Buyers of flats paid {n(90, 400)},{n(100, 999)} pounds, and owners of detached houses {n(300, 900)},{n(100, 999)} pounds. The figures are provisional, since sales are often registered late, and they may be revised in the months to come. Between last March and this February, the latest for which numbers are known, {n(200, 4000)} homes were sold in {c(PLACES)}, {n(1, 30)} percent {c(['more', 'fewer'])} than a year ago.",
        "fuel": f"Petrol costs {n(130, 199)}.{n(0, 9)} pence a litre at the cheapest pump in {c(PLACES)} today and diesel {n(130, 199)}.{n(0, 9)} pence. The dearest station in the area asks {n(150, 210)}.{n(0, 9)} pence. Prices were collected at {n(6, 9)} o'clock this morning by our reporters and may change during the day. Tell us if you have seen a lower price and we will add it to the list.",
        "날씨": f"{c(['서울', '부산', '대구', '광주', '인천'])}의 내일 날씨는 {c(['맑겠고', '흐리겠고', '비가 오겠고'])} 아침 최저기온은 {n(-9, 20)}도, 낮 최고기온은 {n(21, 36)}도로 예상된다. 미세먼지 농도는 {c(['좋음', '보통', '나쁨'])} 수준을 보이겠다. 바람은 초속 {n(1, 15)}미터로 불겠으며 습도는 {n(20, 99)}퍼센트까지 오르겠다고 기상청은 밝혔다. 외출할 때에는 최신 기상 정보를 확인하는 것이 좋겠다.",
        "天气": f"{c(['北京', '上海', '广州', '成都', '武汉'])}明天{c(['晴', '多云', '小雨'])}，最高气温{n(15, 38)}度，最低气温{n(-9, 14)}度，{c(['东', '南', '西', '北'])}风{n(1, 7)}级，相对湿度百分之{n(20, 99)}。气象台提醒市民外出时注意交通安全，及时关注最新的天气预报，合理安排出行时间，老人和儿童要注意防护，谨防感冒。",
        "股市": f"{c(DAYS) and ''}沪指今日{c(['上涨', '下跌'])}{n(0, 4)}.{n(10, 99)}%，报{n(2800, 3900)}.{n(10, 99)}点，成交额{n(2000, 9000)}亿元；深成指{c(['上涨', '下跌'])}{n(0, 4)}.{n(10, 99)}%，报{n(8000, 13000)}.{n(10, 99)}点，成交额{n(2000, 9000)}亿元。两市共有{n(100, 4000)}只个股上涨，{n(100, 4000)}只个股下跌。分析人士认为，短期内市场仍将维持震荡格局，投资者应当注意控制仓位，谨慎追高。",
        "मौसम": f"{c(['दिल्ली', 'मुंबई', 'पटना', 'जयपुर'])} में कल मौसम {c(['साफ', 'बादलों भरा', 'बरसाती'])} रहेगा। अधिकतम तापमान {n(25, 45)} डिग्री और न्यूनतम तापमान {n(5, 24)} डिग्री रहने का अनुमान है। हवा की गति {n(5, 40)} किलोमीटर प्रति घंटा होगी और आर्द्रता {n(20, 99)} प्रतिशत तक पहुंच सकती है। मौसम विभाग ने लोगों को सलाह दी है कि घर से निकलने से पहले ताजा जानकारी जरूर देख लें।",
        "מזג": f"מזג האוויר ב{c(['תל אביב', 'חיפה', 'אילת', 'צפת'])} מחר יהיה {c(['נאה', 'מעונן', 'גשום'])}. הטמפרטורה המרבית צפויה להגיע אל {n(15, 42)} מעלות ובלילה תרד אל {n(1, 14)} מעלות. הרוח תנשב במהירות {n(5, 60)} קילומטרים בשעה והלחות היחסית תגיע לכדי {n(20, 95)} אחוזים. השירות המטאורולוגי ממליץ להתעדכן בתחזית לפני היציאה מן הבית ולנהוג בזהירות.",
        "καιρός": f"Ο καιρός αύριο {c(['στην Αθήνα', 'στη Θεσσαλονίκη', 'στην Πάτρα', 'στον Βόλο'])} θα είναι {c(['αίθριος', 'νεφελώδης', 'βροχερός'])}. Η θερμοκρασία θα φτάσει τους {n(15, 42)} βαθμούς και τη νύχτα θα πέσει στους {n(1, 14)}. Οι άνεμοι θα πνέουν με ένταση {n(2, 9)} μποφόρ και η υγρασία θα αγγίξει το {n(20, 95)} τοις εκατό, σύμφωνα με την πρόγνωση της μετεωρολογικής υπηρεσίας για το επόμενο εικοσιτετράωρο.",
        "hava": f"{c(['Ankara', 'Bursa', 'Konya', 'Adana'])} için yarın {c(['güneşli', 'bulutlu', 'yağmurlu'])} bir gün bekleniyor. En yüksek sıcaklık {n(15, 42)} derece, en düşük sıcaklık {n(-5, 14)} derece olacak. Rüzgâr saatte {n(5, 60)} kilometre hızla esecek, nem oranı yüzde {n(20, 95)} olacak. Meteoroloji yetkilileri sürücüleri buzlanmaya ve ani yağışlara karşı dikkatli olmaları konusunda uyardı ve güncel tahminlerin izlenmesini istedi.",
        "อากาศ": f"พยากรณ์อากาศจังหวัด{c(['เชียงใหม่', 'ขอนแก่น', 'ภูเก็ต', 'สงขลา'])}ในวันพรุ่งนี้ อุณหภูมิสูงสุด {n(28, 42)} องศา อุณหภูมิต่ำสุด {n(12, 27)} องศา มีฝนฟ้าคะนองร้อยละ {n(10, 90)} ของพื้นที่ ลมความเร็ว {n(5, 40)} กิโลเมตรต่อชั่วโมง กรมอุตุนิยมวิทยาขอให้ประชาชนติดตามข่าวสารอย่างใกล้ชิดและระมัดระวังอันตรายจากลมกระโชกแรง",
    }  # fmt: skip


def one_fact_apart(chance: Chance) -> list[tuple[str, str]]:
    """Pairs of briefs that differ in one fact alone."""
    n = chance.randint
    a, b = chance.sample(range(2, 90), 2)
    place, other = chance.sample(PLACES, 2)
    day, next_day = chance.sample(DAYS, 2)
    name, second = chance.sample(NAMES, 2)
    firm, rival = chance.sample(FIRMS, 2)
    year = n(2001, 2026)
    brief = "A {}-year-old man has been charged with burglary after officers were called to a shop in {} late on {}. He will appear before magistrates next week, a spokesperson for the force said in a statement."
    de = "Bei einem Brand in einem Mehrfamilienhaus in {} sind in der Nacht {} Menschen verletzt worden. Die Feuerwehr war mit einem Großaufgebot im Einsatz. Die Ursache ist noch unklar, die Polizei ermittelt, wie ein Sprecher mitteilte."
    fr = "Un séisme de magnitude {} a secoué la région de {} dans la nuit, sans faire de victimes selon un premier bilan des autorités locales. Les secours restent mobilisés et plusieurs écoles resteront fermées par précaution ce matin."
    es = "La empresa {} ha anunciado este martes la compra de su competidora por {} millones de euros, una operación que deberá recibir todavía el visto bueno de las autoridades de competencia y que podría cerrarse antes del verano."
    ru = "В результате аварии на шахте погибли {} человек, ещё несколько горняков остаются под землёй, сообщили в областном управлении. Спасательные работы продолжаются, на месте работают более ста спасателей и медиков, возбуждено уголовное дело."
    ja = "{}で地震があり、気象庁によりますと、震源の深さはおよそ{}キロ、地震の規模を示すマグニチュードは五と推定されています。この地震による津波の心配はありません。今のところ、けが人や建物の被害の情報は入っていないということです。"
    ar = "قال مسؤول في وزارة الصحة إن {} شخصا أصيبوا في حريق اندلع فجر اليوم في سوق شعبي وسط مدينة {} قبل أن تتمكن فرق الإطفاء من السيطرة عليه ونقل المصابين إلى المستشفى القريب لتلقي العلاج اللازم."
    won = "Independent candidate {} has won the by-election in {} after a recount, taking the seat by a few hundred votes from the party that has held it since {}. The turnout was the lowest in a decade, officials said at the town hall."
    ko = "{}시에서 발생한 공장 화재로 {}명이 다쳐 병원으로 옮겨졌다고 소방당국이 밝혔다. 불은 두 시간 만에 꺼졌으며 경찰은 정확한 화재 원인을 조사하고 있다. 당시 공장에는 야간 근무자들이 일하고 있었던 것으로 알려졌고 인근 주민들은 연기 때문에 대피했다가 집으로 돌아왔다."
    zh = "{}一家化工厂凌晨发生爆炸，造成{}人受伤，伤者已被送往附近医院救治。消防部门出动二十辆消防车赶到现场，明火已被扑灭。事故原因正在进一步调查之中，工厂负责人已被警方控制，周边居民没有被要求疏散。"
    hi = "{} में एक बस के पलट जाने से {} यात्री घायल हो गए, जिन्हें पास के अस्पताल में भर्ती कराया गया है। पुलिस के अनुसार चालक तेज गति से गाड़ी चला रहा था और मोड़ पर नियंत्रण खो बैठा। मामले की जांच की जा रही है और चालक को हिरासत में ले लिया गया है।"
    he = "{} בני אדם נפצעו בתאונת דרכים סמוך לעיר {} ופונו לבית החולים הקרוב במצב בינוני. המשטרה חסמה את הכביש לתנועה למשך שעתיים ובוחני תאונות דרכים החלו לחקור את הנסיבות. נהג המשאית עוכב לחקירה ושוחרר בערב בתנאים מגבילים לאחר שמסר את גרסתו."
    el = "Στα {} ανέβηκαν τα θύματα από την κατάρρευση του κτιρίου στην πόλη {}, όπως ανακοίνωσε η πυροσβεστική. Τα συνεργεία συνεχίζουν τις έρευνες στα συντρίμμια με τη βοήθεια σκύλων, ενώ η εισαγγελία διέταξε έρευνα για τις ευθύνες των εργολάβων και των μηχανικών."
    tr = "{} kentinde meydana gelen trafik kazasında {} kişi yaralandı. Yaralılar ambulanslarla çevredeki hastanelere kaldırıldı. Kaza nedeniyle kapanan yol yaklaşık iki saat sonra yeniden trafiğe açıldı. Polis, kazanın nedenini belirlemek için geniş çaplı bir inceleme başlattı ve sürücülerin ifadesini aldı."
    pl = "W pożarze kamienicy w mieście {} ranne zostały {} osoby, poinformowała w nocy straż pożarna. Z budynku ewakuowano wszystkich mieszkańców, a miasto zapewniło im nocleg w pobliskiej szkole. Przyczyny pożaru bada policja pod nadzorem prokuratora rejonowego, który wszczął śledztwo."
    it = "È di {} feriti il bilancio dell'incidente avvenuto nella notte sull'autostrada nei pressi di {}. Sul posto sono intervenuti i vigili del fuoco e la polizia stradale, che ha chiuso il tratto per alcune ore. Nessuno dei feriti sarebbe in pericolo di vita, secondo quanto si apprende dai sanitari."
    pt = "Pelo menos {} pessoas ficaram feridas num incêndio que deflagrou esta madrugada num prédio em {}, disse à Lusa fonte da proteção civil. As chamas foram dominadas ao fim de duas horas e os moradores passaram a noite num pavilhão cedido pela câmara municipal da cidade."
    nl = "Bij een aanrijding op de snelweg bij {} zijn vanochtend {} mensen gewond geraakt. De weg was ruim drie uur dicht en het verkeer werd omgeleid. De politie doet onderzoek naar de oorzaak van het ongeluk en vraagt getuigen zich te melden bij het bureau."
    th = "เกิดเหตุเพลิงไหม้โรงงานใน{} มีผู้ได้รับบาดเจ็บ {} คน ถูกนำส่งโรงพยาบาลใกล้เคียง เจ้าหน้าที่ดับเพลิงใช้เวลาสองชั่วโมงจึงควบคุมเพลิงไว้ได้ ตำรวจกำลังสอบสวนหาสาเหตุของเพลิงไหม้ครั้งนี้"
    rate = "The central bank {} its key interest rate by a quarter of a point on Thursday, in line with what economists had forecast, and said that further moves would depend on the data. The decision was taken by {} votes to two. The governor will explain it to reporters this afternoon."
    named = "{} has been named chief executive of {}, the company said on Thursday. The appointment takes effect in June, after the annual meeting of shareholders. The board thanked the outgoing chief for eleven years of service and wished the new one success in a market that remains difficult."
    return [
        (ko.format("울산", a), ko.format("울산", b)),
        (ko.format("울산", a), ko.format("창원", a)),
        (zh.format("江苏", a), zh.format("江苏", b)),
        (zh.format("江苏", a), zh.format("山东", a)),
        (hi.format("लखनऊ", a), hi.format("लखनऊ", b)),
        (hi.format("लखनऊ", a), hi.format("भोपाल", a)),
        (he.format(a, "אשדוד"), he.format(b, "אשדוד")),
        (he.format(a, "אשדוד"), he.format(a, "נתניה")),
        (el.format(a, "Πάτρα"), el.format(b, "Πάτρα")),
        (el.format(a, "Πάτρα"), el.format(a, "Λάρισα")),
        (tr.format(place, a), tr.format(place, b)),
        (tr.format(place, a), tr.format(other, a)),
        (pl.format(place, a), pl.format(other, a)),
        (it.format(a, place), it.format(b, place)),
        (it.format(a, place), it.format(a, other)),
        (pt.format(a, place), pt.format(b, place)),
        (nl.format(place, a), nl.format(other, a)),
        (th.format("ชลบุรี", a), th.format("ชลบุรี", b)),
        (th.format("ชลบุรี", a), th.format("ระยอง", a)),
        (rate.format("raised", "five"), rate.format("lowered", "five")),
        (rate.format("raised", "five"), rate.format("raised", "seven")),
        (named.format(name, firm), named.format(second, firm)),
        (named.format(name, firm), named.format(name, rival)),
        (brief.format(a, place, day), brief.format(b, place, day)),
        (brief.format(a, place, day), brief.format(a, other, day)),
        (brief.format(a, place, day), brief.format(a, place, next_day)),
        (de.format(place, a), de.format(place, b)),
        (de.format(place, a), de.format(other, a)),
        (fr.format(f"{n(3, 4)},2", place), fr.format(f"{n(5, 7)},8", place)),
        (es.format(firm, a), es.format(rival, a)),
        (es.format(firm, a), es.format(firm, b)),
        (ru.format(a), ru.format(b)),
        (ja.format("千葉県", a), ja.format("千葉県", b)),
        (ja.format("千葉県", a), ja.format("宮城県", a)),
        (ar.format(a, "دمشق"), ar.format(b, "دمشق")),
        (ar.format(a, "دمشق"), ar.format(a, "بغداد")),
        (won.format(name, place, year), won.format(second, place, year)),
    ]  # fmt: skip


SAFE_HARBOUR = "Forward-looking statements. This release contains statements that look ahead and that are based on what management expects today. Words such as believe, plan, intend, may and should mark them. They are subject to risks and uncertainties, many of them beyond the control of the company, among them changes of demand, exchange rates, litigation, supply and regulation, because of which results may be very different from those that are stated or implied here. Readers should not rely unduly on them. The company takes on no duty to update any of these statements, whether because of new information, later events or otherwise, except as the law requires. Further factors are described in its annual report, which can be had from the authority and on the website of the company."  # fmt: skip
QUESTIONS = ["What did you want to be as a child, and what became of it?", "Which book has changed the way you think, and when did you read it?", "What do you eat when nobody is looking, and do you feel sorry afterwards?", "Which law would you abolish tomorrow if you were allowed to choose one?", "Where were you happiest, and would you go back there if you could?"]  # fmt: skip
