"""Words around an article that only a page in plain text shows as lines of their own.

Whole lines, compared without case, like those of phrases.py; what markup would tell (buttons, captions, footers) must
be told by words here. They only help the shape of the text, which decides first.
"""

from __future__ import annotations

import re

from ingest.phrases import whole

MAX_CHARS = 300  # no phrase is looked for in more

SHARE = (
    r"facebook(?: messenger)?|twitter|x|x \(twitter\)|whats ?app|linkedin|pinterest|reddit|telegram|"
    r"messenger|threads|"
    r"bluesky|mastodon|e-?mails?|mail|copy(?: the)? link|link copied!?|copied!?|print(?: this)?|save(?:d|"
    r" article)?|bookmark|"
    r"line|vk|вконтакте|одноклассники|viber|flipboard|pocket|xing|tumblr|youtube|instagram|tiktok|rss|sms|more|"
    r"google(?: news)?|gift(?: this)? article|listen(?: to (?:this|the) article)?|text size|zoom|close|menu|search|"
    r"share(?:s|d)?|share (?:this|on|via|with|to) [^.]{1,40}|tweet|post|like|comment|reply|follow(?: us)?|"
    r"subscribe|sign in|log ?in|register|"
    r"(?:(?:auf|per|bei|via|über|in) )?\w{1,12} teilen|teilen|drucken|merken|link kopieren|versenden|"
    r"vorlesen|feedback|anmelden|menü|suche|"
    r"partager(?: (?:sur|par|via) .{1,30})?|imprimer|envoyer(?: par e-?mail)?|copier le lien|enregistrer|écouter|"
    r"compartir(?: (?:en|por) .{1,30})?|copiar enlace|imprimir|guardar|enviar por .{1,20}|escuchar|"
    r"condividi(?: su .{1,30})?|stampa|copia link|salva|ascolta|"
    r"compartilhar?(?: .{1,30})?|partilhar(?: .{1,30})?|copiar link|salvar|ouvir|"
    r"delen|deel(?: (?:via|op|dit) .{1,30})?|kopieer link|bewaren|luister|"
    r"udostępnij(?: .{1,30})?|drukuj|kopiuj link|zapisz|"
    r"поделиться(?: .{1,30})?|скопировать ссылку|распечатать|сохранить|поділитися|"
    r"シェア(?:する)?|ツイート|共有|保存|印刷|リンクをコピー|ポスト|ブックマーク|はてな|"
    r"分享(?:到.{1,10})?|微信|微博|收藏|打印|复制链接|複製連結|列印|"
    r"공유(?:하기)?|카카오톡|페이스북|트위터|인쇄|스크랩|링크 ?복사|글자 ?크기|url복사|"
    r"شارك|مشاركة|شارك على .{1,20}|فيسبوك|تويتر|واتساب|تيليجرام|نسخ الرابط|طباعة|حفظ|"
    r"שתף|שיתוף|שתפו|פייסבוק|טוויטר|ווטסאפ|העתק קישור|הדפסה|"
    r"paylaş|kopyala|yazdır|κοινοποίηση|εκτύπωση|chia sẻ|sao chép(?: liên kết)?|in bài|lưu|"
    r"แชร์|คัดลอกลิงก์|พิมพ์|शेयर(?: करें)?|साझा करें|लिंक कॉपी करें|اشتراک ?گذاری|چاپ"
)
SHARE_LINE = re.compile(
    rf"(?:\W*(?:{SHARE})(?!\w)(?=\W|$))(?:[\s|,·•/\d]{{1,5}}(?:{SHARE})(?!\w)){{0,12}}\W*\d{{0,6}}\W*", re.I
)

NUMBER = r"(?:\d[\d.,\s]{0,9}|an?|une?|eine[mnr]?|uma?|één|een)"
AGO = whole(
    rf"(?:[^\W\d]{{2,14}}:? ){{0,2}}{NUMBER}\s?(?:s|m|min|mins|h|hr|hrs|d|w|mo|y|seconds?|minutes?|hours?|"
    rf"days?|weeks?|months?|years?) ago|"
    rf"(?:[^\W\d]{{2,14}}:? ){{0,2}}vor {NUMBER}\s?(?:sekunden?|minuten?|min|stunden?|std|tag(?:en)?|wochen?|"
    rf"monat(?:en)?|jahr(?:en)?)|"
    rf"(?:[^\W\d]{{2,14}} ){{0,2}}il y a {NUMBER}\s?(?:s|min|h|j|secondes?|minutes?|heures?|jours?|semaines?|"
    rf"mois|ans?)|"
    rf"(?:[^\W\d]{{2,14}} ){{0,2}}hace {NUMBER}\s?(?:min|h|segundos?|minutos?|horas?|días?|semanas?|"
    rf"mes(?:es)?|años?)|"
    rf"{NUMBER}\s?(?:secondi|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]) fa|"
    rf"(?:há|faz) {NUMBER}\s?(?:min|h|minutos?|horas?|dias?|semanas?|meses|mês|anos?)(?: atrás)?|"
    rf"{NUMBER}\s?(?:seconden|min(?:uut|uten)?|uur|uren|dag(?:en)?|we(?:ek|ken)|maand(?:en)?|jaar) geleden|"
    rf"{NUMBER}\s?(?:min(?:ut[ay]?)?|godz(?:in[ay]?)?|dni|dzień|tydzień|tygodni[e]?|miesi\w{{2,5}}|lat) temu|"
    rf"{NUMBER}\s?(?:мин\w{{0,4}}|час\w{{0,2}}|дн\w{{1,2}}|день|недел\w|месяц\w{{0,2}}|год\w?|хв\w{{0,6}}|"
    rf"годин\w?) (?:назад|тому)|"
    r"\d{1,4}\s?(?:秒|分|時間|日|か月|年)前|\d{1,4}\s?(?:秒|分钟|小时|天|周|个月|年)(?:之)?前|"
    r"\d{1,4}\s?(?:분|시간|일|주|개월|년) ?전|"
    r"(?:منذ|قبل) (?:\d{1,4} )?\w{2,8}|\d{1,4} (?:\w{2,6}) (?:قبل|پیش)|לפני (?:\d{1,4} )?\w{2,6}|"
    rf"{NUMBER}\s?(?:dakika|saat|gün|hafta|ay|yıl) önce|πριν από {NUMBER} \w{{3,8}}|{NUMBER}\s?(?:phút|giờ|"
    rf"ngày|tuần|tháng|năm) trước|"
    r"\d{1,4} (?:मिनट|घंटे|दिन|घंटा) पहले|\d{1,4}\s?(?:นาที|ชั่วโมง|วัน)(?:ที่แล้ว|ที่ผ่านมา)|"
    r"yesterday|today|gestern|heute|hier|aujourd['’]hui|ayer|hoy|ieri|oggi|ontem|hoje|gisteren|vandaag|"
    r"wczoraj|dzisiaj|вчера|сегодня|昨日|今日|昨天|今天|어제|오늘|أمس|اليوم|dün|bugün|"
    r"\d{1,3}[\s-]?(?:min(?:ute)?s?)[\s-](?:read|de lecture|de lectura|di lettura|de leitura|leestijd|"
    r"lesezeit|czytania)|"
    r"(?:reading time|lesezeit|temps de lecture|lecture|tiempo de lectura|tempo di lettura|tempo de leitura|"
    r"leestijd|czas czytania|время чтения|読了時間)\W{1,3}(?:ca\.? )?\d{1,3} ?\S{0,12}"
)
COUNTS = whole(
    r"[\d.,\s]{0,9}\d\s?k?\+? ?(?:comments?|shares?|likes?|views?|replies|kommentare?|commentaires?|"
    r"comentarios?|commenti|comentários?|reacties|komentarz[ey]|"
    r"комментари\w{1,2}|просмотр\w{0,2}|コメント|件のコメント|评论|条评论|댓글|تعليقات?|yorum|σχόλια|bình luận)|"
    r"(?:comments?|kommentare?|commentaires?|comentarios?|commenti|comentários?|reacties|komentarze|"
    r"комментарии|コメント|评论|댓글|tatsächlich gelesen|조회 ?수?|阅读|閱讀|views?|"
    r"просмотров)\W{0,3}\d[\d.,]{0,8}\W*|"
    r"(?:no|keine|aucun|sin|nessun) (?:comments?|kommentare|commentaire|comentarios|commento)(?: yet)?|"
    r"\d[\d.,\s]{0,9}[km]?"
)
# Captions and credits: a name behind a word for "picture", at the end or alone.
PICTURE = (
    r"photo(?:graph(?:er|y)?|s)?|picture|image|illustration|graphic|video|foto(?:s|graf\w{0,2})?|bild(?:er|"
    r"quelle)?|grafik|crédits?|credits?|crédito|photo d['’]archives|fotografía|imagen|vidéo|zdjęcie|fot|"
    r"фото|иллюстрация|写真|画像|图|图片|圖|摄影|사진|صورة|تصوير|צילום|fotoğraf|φωτογραφία|ảnh|ภาพ|फोटो|عکس"
)
CREDIT = re.compile(
    rf"\W*(?:{PICTURE})(?: (?:by|von|de|di|par|por|credit|source|copyright))?\.?\s?(?:[:：©|/]|"
    rf"(?<=by )).{{2,150}}|©\s?[^.]{{2,80}}/[^.]{{2,60}}",
    re.I,
)
CREDIT_BEHIND = re.compile(
    rf"(?:\b|(?<=[。.]))(?:{PICTURE})(?: (?:by|credit|courtesy))?\s?(?:[:：©]|"
    rf"(?<=by ))[^.!?。:：]{{2,80}}\.?\)?\W*$|\((?:photo|foto|ap photo|image|bild)\b[^()]{{2,80}}\)\W*$",
    re.I,
)
AGENCY_BEHIND = re.compile(
    r"[/|]\s?(?:getty(?: images)?|reuters|afp|ap|epa|efe|dpa|ansa|pa|shutterstock|alamy|xinhua|imago|"
    r"picture alliance|tass|tt|ntb|anp|pap|lusa|belga|keystone)\)?\W*$",
    re.I,
)
LETTERS = (
    r"(?:news ?letters?|updates|bulletins?|briefings?|e-?mails?|inbox|alerts|app|channel|canal|kanal|"
    r"infolettre|boletín|boletim|nieuwsbrief|nyhetsbrev|uutiskirje|biuletyn\w?|рассылк\w|канал\w?|розсилк\w|"
    r"メール|メルマガ|ニュースレター|邮件|通讯|订阅号|公众号|電子報|뉴스레터|채널|النشرة|نشرتنا|قناتنا|"
    r"خبرنامه|ניוזלטר|bülten\w{0,6}|ενημερωτικό|bản tin|จดหมายข่าว|न्यूज़लेटर|चैनल)"
)
PROMPT = re.compile(
    rf"\W*(?:(?:please )?(?:sign up|subscribe|register|join|get|download|follow)|(?:jetzt )?(?:abonnieren|"
    rf"melden sie sich|bestellen|laden)|inscrivez[- ]vous|abonnez[- ]vous|recevez|téléchargez|suivez|"
    rf"suscríb[ea]\w{{0,4}}|apúntate|recibe|descarga|síguenos|sigue|iscriviti|ricevi|scarica|segui|assine|"
    rf"inscreva-se|receba|baixe|siga|schrijf (?:je|u) in|meld (?:je|u)|ontvang|abonneer|volg|zapisz się|"
    rf"subskrybuj|pobierz|obserwuj|"
    rf"подпи[сш]\w{{2,8}}|читайте нас|підпи[сш]\w{{2,8}}|prenumerera|anmäl dig|abonner|tilmeld|tilaa|"
    rf"abone ol\w{{0,6}}|εγγραφ\w{{2,5}}|đăng ký|اشترك\w{{0,3}}|تابعوا?|הירשמו|הצטרפו)(?!\w)"
    rf".{{0,160}}?{LETTERS}.{{0,120}}|"
    rf"\W*(?:สมัครรับ|ติดตาม|登録|订阅|訂閱|关注|關注|扫码|구독).{{0,80}}?{LETTERS}.{{0,80}}|"
    # The verb behind, as in Japanese, Korean, Turkish, Persian and Hindi.
    rf".{{0,60}}?{LETTERS}.{{0,60}}?(?:登録|購読|フォロー|订阅|訂閱|구독|가입|"
    rf"abone ol|عضو شوید|सदस्यता|सब्सक्राइब).{{0,80}}",
    re.I | re.S,
)
WALL = re.compile(
    r"\W*(?:this (?:article|content|story) is (?:only )?(?:for|available to|reserved)|to (?:continue|"
    r"keep) reading|already a (?:subscriber|member)|you have (?:read|reached) .{0,30}(?:free|limit)|"
    r"(?:weiterlesen|lesen sie) (?:mit|den ganzen)|dieser (?:artikel|inhalt) ist (?:nur|exklusiv)|"
    r"sie (?:haben|sind) (?:bereits )?(?:ein )?abo|"
    r"(?:la suite|cet article) est réservée?|(?:il vous reste|pour lire la suite)|déjà abonné|"
    r"este (?:artículo|contenido) es (?:solo|exclusivo)|para seguir leyendo|ya (?:eres|soy) suscriptor|"
    r"contenuto riservato|per continuare a leggere|sei già abbonato|(?:conteúdo|texto) exclusivo|"
    r"já é assinante|al abonnee|verder lezen|masz już|dalsza część artykułu|"
    r"この記事は有料|会員限定|続きを読む|有料会員|残り.{1,8}文字|本文为付费|登录后|유료 ?회원|"
    r"we use cookies|this (?:web)?site uses cookies|by continuing to (?:use|browse)|wir (?:verwenden|"
    r"nutzen) cookies|nous utilisons des cookies|utilizamos cookies|usiamo i? ?cookie|"
    r"support (?:independent|quality|our) journalism|help us|independent journalism needs|your browser|"
    r"please enable javascript|javascript (?:is|must)|"
    r"view (?:this|it)? ?(?:e-?mail|message|newsletter)? ?in (?:your |the )?(?:web ?)?browser|(?:im|"
    r"diese .{3,20} im) browser (?:ansehen|anzeigen|öffnen)|(?:voir|afficher|lire|"
    r"ouvrir) .{0,30}dans (?:votre|le|un) navigateur|"
    r"ver (?:este )?(?:correo|e-?mail|mensaje)? ?(?:en|no) (?:el|tu|seu|su|o)? ?naveg\w{3,6}|"
    r"visualizza .{0,20}(?:nel|su) .{0,6}browser|bekijk .{0,20}(?:in|online) .{0,10}|"
    r"otwórz .{0,20}przeglądarce|открыть .{0,15}браузере)",
    re.I,
)
FOOTER = re.compile(
    r"\W*(?:(?:copyright|©|\(c\)) ?(?:by )?(?:©|\(c\))? ?[^.]{0,40}(?:19|20)\d\d|(?:19|"
    r"20)\d\d ?(?:copyright|©)|.{0,80}(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|"
    r"todos los derechos|tutti i diritti|todos os direitos|alle rechten voorbehouden|wszelkie prawa|"
    r"все права|всі права|alla rättigheter|tüm hakları|無断転載|無断複製|版权所有|未经.{0,12}授权|저작권자|"
    r"무단 ?전재|جميع الحقوق|כל הזכויות|تمامی حقوق|bản quyền|สงวนลิขสิทธิ์|सर्वाधिकार|πνευματικ)|"
    r"you(?:['’]re| are)? (?:are )?(?:receiving|received|getting) (?:this|it)|this (?:e-?mail|message|"
    r"newsletter) was sent|(?:click here to )?unsubscribe|manage (?:your )?(?:preferences|subscriptions?)|"
    r"update (?:your )?(?:profile|preferences)|"
    r"sie erhalten diese|diese(?:r newsletter| e-?mail) wurde|(?:vom newsletter |hier )?abmelden|"
    r"newsletter abbestellen|vous recevez|se désabonner|(?:pour )?vous désinscrire|recibe(?:s)? este|"
    r"darse de baja|cancelar (?:la )?suscripción|"
    r"ricevi questa|annulla l['’]iscrizione|cancella(?:ti)?(?: l['’]iscrizione)?|você (?:está recebendo|"
    r"recebeu)|cancelar (?:a )?inscrição|u ontvangt|uitschrijven|afmelden|otrzymujesz|wypisz się|"
    r"вы получили|отписаться|配信停止|配信解除|退订|수신 ?거부|إلغاء الاشتراك)",
    re.I,
)
FOOTER_LINK = whole(
    r"(?:(?:about(?: us)?|contact(?: us)?|help|jobs|careers|advertis(?:e|ing)(?: with us)?|"
    r"privacy(?: (?:policy|notice|settings|center))?|terms(?: (?:of (?:use|service)|and conditions|"
    r"& conditions))?|cookies?(?: (?:policy|settings|notice))?|accessibility|site ?map|rss|newsletters?|"
    r"archive|complaints(?: (?:& |and )corrections)?|modern slavery act|back to top|"
    r"impressum|datenschutz(?:erklärung)?|agb|kontakt|mediadaten|werbung|abo|hilfe|nutzungsbedingungen|"
    r"cookie-einstellungen|nach oben|"
    r"mentions légales|politique de confidentialité|confidentialité|nous contacter|contacts?|cgu|cgv|"
    r"plan du site|gestion des cookies|qui sommes-nous|"
    r"aviso legal|política de (?:privacidad|cookies)|contacto|quiénes somos|publicidad|contatti|chi siamo|"
    r"privacy policy|note legali|redazione|pubblicità|política de privacidade|termos de uso|contato|"
    r"fale conosco|quem somos|expediente|"
    r"over ons|privacybeleid|privacyverklaring|voorwaarden|adverteren|colofon|o nas|polityka prywatności|"
    r"regulamin|reklama|redakcja|о нас|контакты|реклама|редакция|политика конфиденциальности|"
    r"会社概要|お問い合わせ|プライバシーポリシー|利用規約|サイトマップ|関于我们|关于我们|联系我们|隐私政策|"
    r"使用条款|회사소개|이용약관|개인정보처리방침|문의|광고|من نحن|اتصل بنا|سياسة الخصوصية|צור קשר|אודות|"
    r"מדיניות פרטיות|hakkımızda|iletişim|gizlilik politikası|επικοινωνία|όροι χρήσης|liên hệ|giới thiệu|"
    r"เกี่ยวกับเรา|ติดต่อเรา|हमारे बारे में|संपर्क करें|درباره ما|تماس با ما)[\s|·•,/—–-]{0,5}){1,15}"
)
END_MARK = re.compile(
    r"\W*(?:(?:-\s?)?30(?:\s?-)|#{3,}|\(?ends?\)?|\(?ende\)?|\(?fin\)?|\(?完\)?|\(?了\)?|＜了＞|\(?끝\)?|"
    r"mfg|notes? to editors:?|-0-)\W*",
    re.I,
)
DESK = re.compile(
    r"\((?:(?:additional )?(?:reporting|writing|editing|compiled|written)|bearbeitet|redaktion|reportage|"
    r"édité|reporte|editado|a cura)\b[^()]{5,250}\)",
    re.I,
)
READ_MORE = re.compile(
    r"\W*(?:read (?:more|the (?:full|whole|rest)\b.{0,30}|on)|full story|continue reading|more here|"
    r"weiterlesen|mehr lesen|zum (?:ganzen )?artikel|lire la suite|lire l['’]article|leer más|"
    r"seguir leyendo|leggi (?:tutto|di più)|leia mais|lees (?:meer|verder)|czytaj więcej|читать (?:далее|"
    r"полностью)|続きを読む|全文表示|阅读全文|더 ?보기|اقرأ المزيد|devamını oku|xem thêm|"
    r"อ่านต่อ)(?:\s?[:→»>…]|\s?\.{3}|\s?https?://\S{1,300}|\W)*",
    re.I,
)
COMMENTS = re.compile(
    r"\W*(?:\d{0,6} ?(?:comments?|kommentare|commentaires|comentarios|commenti|comentários|reacties|"
    r"komentarze|комментарии|коментарі|コメント|评论|댓글|التعليقات|תגובות|yorumlar|σχόλια|bình luận|"
    r"ความคิดเห็น|टिप्पणियाँ)\W*\d{0,6}|(?:leave|post) a (?:comment|reply))\W*",
    re.I,
)
