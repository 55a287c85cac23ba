/// The first article of the Universal Declaration of Human Rights, and a little more where it has few letters beyond
/// ASCII, in languages with encodings of their own: as people typed them, and by which encodings.
enum Declaration {
    static let texts: [(language: String, encodings: [String], text: String)] = [
        (
            "Czech", ["CP1250", "ISO-8859-2", "CP852", "MAC-CENTRALEUROPE"],
            "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím a mají "
                + "spolu jednat v duchu bratrství."
        ),
        (
            "Polish", ["CP1250", "ISO-8859-2", "CP852", "MAC-CENTRALEUROPE"],
            "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i "
                + "sumieniem i powinni postępować wobec innych w duchu braterstwa."
        ),
        (
            "Hungarian", ["CP1250", "ISO-8859-2", "CP852"],
            "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, ésszel és "
                + "lelkiismerettel bírván, egymással szemben testvéri szellemben kell hogy viseltessenek."
        ),
        (
            "Slovak", ["CP1250", "ISO-8859-2", "CP852"],
            "Všetci ľudia sa rodia slobodní a sebe rovní, čo sa týka ich dôstojnosti a práv. Sú obdarení rozumom a "
                + "svedomím a majú navzájom jednať v bratskom duchu."
        ),
        (
            "Slovenian", ["CP1250", "ISO-8859-2", "CP852"],
            "Vsakdo je upravičen do uživanja vseh pravic in svoboščin, ki so razglašene s to Deklaracijo, ne glede na "
                + "raso, barvo kože, spol, jezik, vero, politično ali drugo prepričanje. Rojen je svoboden človek."
        ),
        (
            "Croatian", ["CP1250", "ISO-8859-2", "CP852"],
            "Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima. Ona su obdarena razumom i sviješću "
                + "i trebaju jedna prema drugima postupati u duhu bratstva. Nitko ne smije biti podvrgnut mučenju."
        ),
        (
            "Romanian", ["ISO-8859-16"],
            "Toate ființele umane se nasc libere și egale în demnitate și în drepturi. Ele sunt înzestrate cu rațiune și "
                + "conștiință și trebuie să se comporte unele față de altele în spiritul fraternității."
        ),
        (
            "Romanian, as it was typed before", ["CP1250", "ISO-8859-2", "CP852"],
            "Toate fiinţele umane se nasc libere şi egale în demnitate şi în drepturi. Ele sunt înzestrate cu raţiune şi "
                + "conştiinţă şi trebuie să se comporte unele faţă de altele în spiritul fraternităţii."
        ),
        (
            "German", ["CP1252", "ISO-8859-1", "CP850", "CP437", "MACINTOSH"],
            "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt "
                + "und sollen einander im Geiste der Brüderlichkeit begegnen. Jeder hat Anspruch auf die in dieser "
                + "Erklärung verkündeten Rechte und Freiheiten, ohne Unterschied nach politischer Überzeugung, Größe, Öl."
        ),
        (
            "French", ["CP1252", "ISO-8859-15", "CP850", "CP437", "MACINTOSH"],
            "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
                + "conscience et doivent agir les uns envers les autres dans un esprit de fraternité. La forêt était là."
        ),
        (
            "Spanish", ["CP1252", "ISO-8859-1", "CP850", "CP437", "MACINTOSH"],
            "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y "
                + "conciencia, deben comportarse fraternalmente los unos con los otros. ¿Quién negará que el niño también "
                + "tiene ese derecho? Nadie será sometido a esclavitud ni según su posición económica."
        ),
        (
            "Italian", ["CP1252", "ISO-8859-15", "CP850", "MACINTOSH"],
            "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Così è stato deciso, perché la città "
                + "è più grande e può crescere; ogni individuo ha diritto alla libertà, né deve essere più solo."
        ),
        (
            "Portuguese", ["CP1252", "ISO-8859-1", "CP850", "CP860", "MACINTOSH"],
            "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, "
                + "devem agir uns para com os outros em espírito de fraternidade. Ninguém será mantido em escravidão; a "
                + "situação não é fácil, mas há soluções também para você."
        ),
        (
            "Danish", ["CP1252", "ISO-8859-1", "CP850", "CP865", "MACINTOSH"],
            "Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med fornuft og samvittighed, "
                + "og de bør handle mod hverandre i en broderskabets ånd. Enhver har krav på alle de rettigheder og "
                + "friheder, som nævnes i denne erklæring, og må ikke gøres til træl."
        ),
        (
            "Swedish", ["CP1252", "ISO-8859-1", "CP850", "MACINTOSH"],
            "Alla människor är födda fria och lika i värde och rättigheter. De har utrustats med förnuft och samvete och "
                + "bör handla gentemot varandra i en anda av broderskap. Envar är berättigad till sådana friheter."
        ),
        (
            "Finnish", ["CP1252", "ISO-8859-1", "CP850", "MACINTOSH"],
            "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja "
                + "omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä. Älköön ketään pidettäkö "
                + "orjuudessa, eikä häntä myöskään kidutettako."
        ),
        (
            "Icelandic", ["CP1252", "ISO-8859-1", "CP861"],
            "Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum. Menn eru gæddir vitsmunum og samvizku, "
                + "og ber þeim að breyta bróðurlega hverjum við annan."
        ),
        (
            "Irish", ["CP1252", "ISO-8859-1", "CP850"],
            "Saolaítear gach duine den chine daonna saor agus comhionann i ndínit agus i gcearta. Tá bua an réasúin agus "
                + "an choinsiasa acu agus ba cheart dóibh gníomhú i dtreo a chéile i spiorad an bhráithreachais."
        ),
        (
            "English, as set by writing programs", ["CP1252", "MACINTOSH"],
            "“It’s a poor sort of memory that only works backwards,” the Queen remarked — and that’s what Alice couldn’t "
                + "quite follow… “What sort of things do you remember best?” she ventured, in a café, to ask."
        ),
        (
            "Turkish", ["CP1254", "ISO-8859-9", "CP857"],
            "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine "
                + "karşı kardeşlik zihniyeti ile hareket etmelidirler."
        ),
        (
            "Lithuanian", ["CP1257", "ISO-8859-13", "CP775"],
            "Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas protas ir sąžinė ir jie turi "
                + "elgtis vienas kito atžvilgiu kaip broliai. Kiekvienas žmogus turi teisę į gyvybę, laisvę ir saugumą."
        ),
        (
            "Latvian", ["CP1257", "ISO-8859-13", "CP775"],
            "Visi cilvēki piedzimst brīvi un vienlīdzīgi savā pašcieņā un tiesībās. Viņi ir apveltīti ar saprātu un "
                + "sirdsapziņu, un viņiem jāizturas citam pret citu brālības garā."
        ),
        (
            "Estonian", ["CP1257", "ISO-8859-15", "CP775"],
            "Kõik inimesed sünnivad vabadena ja võrdsetena oma väärikuselt ja õigustelt. Neile on antud mõistus ja "
                + "südametunnistus ja nende suhtumist üksteisesse peab kandma vendluse vaim. Kedagi ei või pidada orjuses."
        ),
        (
            "Russian", ["CP1251", "KOI8-R", "ISO-8859-5", "CP866", "MAC-CYRILLIC"],
            "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и "
                + "должны поступать в отношении друг друга в духе братства."
        ),
        (
            "Ukrainian", ["CP1251", "KOI8-U", "CP1125"],
            "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю і "
                + "повинні діяти у відношенні один до одного в дусі братерства."
        ),
        (
            "Bulgarian", ["CP1251", "ISO-8859-5", "CP866"],
            "Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум и съвест и следва да "
                + "се отнасят помежду си в дух на братство."
        ),
        (
            "Serbian", ["CP1251", "ISO-8859-5", "CP855"],
            "Сва људска бића рађају се слободна и једнака у достојанству и правима. Она су обдарена разумом и свешћу и "
                + "треба једни према другима да поступају у духу братства."
        ),
        (
            "Macedonian", ["CP1251", "ISO-8859-5"],
            "Сите човечки суштества се раѓаат слободни и еднакви по достоинство и права. Тие се обдарени со разум и "
                + "совест и треба да се однесуваат еден кон друг во духот на братството."
        ),
        (
            "Belarusian", ["CP1251", "ISO-8859-5"],
            "Усе людзі нараджаюцца свабоднымі і роўнымі ў сваёй годнасці і правах. Яны надзелены розумам і сумленнем і "
                + "павінны ставіцца адзін да аднаго ў духу брацтва."
        ),
        (
            "Greek", ["CP1253", "ISO-8859-7", "CP737", "CP869"],
            "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με "
                + "λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης."
        ),
        (
            "Hebrew", ["CP1255", "ISO-8859-8", "CP862"],
            "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג "
                + "איש ברעהו ברוח של אחווה."
        ),
        (
            "Arabic", ["CP1256", "ISO-8859-6"],
            "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا "
                + "بروح الإخاء."
        ),
        (
            "Thai", ["TIS-620", "CP874"],
            "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม "
                + "และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ"
        ),
        (
            "Vietnamese", ["CP1258", "VISCII", "TCVN"],
            "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được tạo hóa "
                + "ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu."
        ),
        (
            "Esperanto", ["ISO-8859-3"],
            "Ĉiuj homoj estas denaske liberaj kaj egalaj laŭ digno kaj rajtoj. Ĉiu rajtas je ĉiuj rajtoj kaj liberecoj "
                + "proklamitaj en ĉi tiu Deklaracio, sen ia ajn diferencigo, ĉu laŭ raso, haŭtkoloro, sekso, lingvo; ĝi "
                + "validas ankaŭ tie, kie la ŝtato aĵojn malpermesas."
        ),
        (
            "Japanese", ["SHIFT_JIS", "EUC-JP", "UTF-16LE", "UTF-16BE"],
            "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。\n人間は、理性と良心とを授けられており、"
                + "互いに同胞の精神をもって行動しなければならない。\n"
        ),
        (
            "Korean", ["EUC-KR", "CP949", "JOHAB", "UTF-16LE"],
            "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.\n인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 "
                + "정신으로 행동하여야 한다.\n"
        ),
        (
            "Chinese", ["GB18030", "GBK", "GB2312", "UTF-16LE", "UTF-16BE"],
            "人人生而自由，在尊严和权利上一律平等。\n他们赋有理性和良心，并应以兄弟关系的精神互相对待。\n人人有资格享有本宣言所载的一切权利和自由。\n"
        ),
        (
            "Chinese, traditional", ["BIG5", "CP950", "EUC-TW", "UTF-16LE"],
            "人人生而自由，在尊嚴和權利上一律平等。\n他們賦有理性和良心，並應以兄弟關係的精神互相對待。\n人人有資格享有本宣言所載的一切權利和自由。\n"
        ),
    ]
}
