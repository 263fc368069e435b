//! Russian for the details inside failures: what this program itself says about a field, a key, a name, a
//! certificate. One table of English patterns; `{}` stands for what is filled in. What is not in the table (a
//! vendor's, the database's or the system's own words) stays as it came.

/// English and Russian; the holes of both are the same and in the same order.
#[rustfmt::skip]
const TABLE: &[(&str, &str)] = &[
    // Command line.
    ("One of: {}", "Одно из: {}"),
    ("A number is needed", "Нужно число"),
    ("The command cannot be run without it", "Без него команду выполнить нельзя"),
    ("This is {}", "Это {}"),
    ("It is none of the modules of this program", "Это не модуль этой программы"),
    ("Its product type is '{}', not '{}'", "Тип её продукта '{}', а не '{}'"),
    ("The form is NAME=VALUE", "Формат: ИМЯ=ЗНАЧЕНИЕ"),
    ("The module has no such setting", "У модуля нет такой настройки"),
    ("A secret must not be an argument: use --secret-file or PMSSL_SECRET", "Секрет не передаётся аргументом: используйте --secret-file или PMSSL_SECRET"),
    ("Without a terminal the secret comes from a file or from the variable {}", "Без терминала секрет берётся из файла или из переменной {}"),
    ("There is no platform: the directories etc and processing are missing", "Платформы нет: отсутствуют каталоги etc и processing"),
    ("it belongs to user {}, and this program runs as root: give it to root with chown, or name another platform root", "он принадлежит пользователю {}, а программа запущена от root: отдайте его root командой chown или укажите другой каталог платформы"),
    ("others than root can change it (mode {}), and this program runs as root: run chmod go-w on it, or name another platform root", "изменить его может не только root (права {}), а программа запущена от root: выполните для него chmod go-w или укажите другой каталог платформы"),
    ("This module serves certificates", "Этот модуль обслуживает сертификаты"),
    ("The service has no order whose outcome is unknown", "У услуги нет заказа с неизвестным исходом"),
    ("This order belongs to service {}", "Этот заказ принадлежит услуге {}"),
    ("The vendor cannot be asked ({}). Look in its panel, then add --unseen", "Поставщика не удалось спросить ({}). Проверьте в его панели и добавьте --unseen"),
    ("The vendor shows order {}, which is this one: take it over with --adopt {}", "Поставщик показывает заказ {}, это он: примите его ключом --adopt {}"),
    ("The vendor has orders that may be this one: {}. Take one over with --adopt, or name them as somebody else's with --foreign {}", "У поставщика есть заказы, которые могут быть этим: {}. Примите один ключом --adopt или назовите их чужими ключом --foreign {}"),
    ("The order may still appear at the vendor until {}", "Заказ ещё может появиться у поставщика до {}"),
    ("'{}' is not an order number", "'{}' - не номер заказа"),
    ("With those that were named before ({}) they need {} characters, and {} can be stored. Nothing was stored: name fewer, or empty the item parameter {} and name those that the vendor still shows", "Вместе с названными ранее ({}) они занимают {} символов, а сохранить можно {}. Ничего не сохранено: назовите меньше номеров либо очистите параметр услуги {} и назовите те, что поставщик ещё показывает"),
    ("The outcome of an order is unknown: settle it with --adopt or --not-placed first", "Исход заказа неизвестен: сначала решите его ключом --adopt или --not-placed"),
    ("The vendor's order number is needed", "Нужен номер заказа у поставщика"),
    ("its clock says {}, and this machine's says {}: nothing was sent; correct this machine's clock if it is wrong", "её часы показывают {}, а часы этого сервера - {}: ничего не отправлено; если часы сервера неверны, исправьте их"),
    ("the vendor shows order {}, which a person has called somebody else's", "поставщик показывает заказ {}, который человек назвал чужим"),
    ("the service has no certificate yet", "у услуги ещё нет сертификата"),
    ("The service has no order at the vendor yet", "У услуги ещё нет заказа у поставщика"),
    ("The service has no order at the vendor that could be continued by '{}'", "У услуги нет заказа у поставщика, который могла бы продолжить операция '{}'"),
    ("'{}' was done already (order {}); it is done again only for a queued operation of the platform", "'{}' уже выполнена (заказ {}); повторно она выполняется только по операции из очереди платформы"),
    // Locks.
    ("it is a node of a Galera cluster (wsrep_on), and a lock taken on one node is not seen by the others", "это узел кластера Galera (wsrep_on), и блокировку, взятую на одном узле, остальные не видят"),
    ("it belongs to a group with several primaries (group_replication_single_primary_mode is OFF), and a lock taken on one of them is not seen by the others", "он входит в группу с несколькими основными серверами (group_replication_single_primary_mode выключен), и блокировку, взятую на одном из них, остальные не видят"),
    ("it is read-only ({}), so BILLmanager writes to another server, and commands that lock there do not see the locks here", "он доступен только для чтения ({}): BILLmanager пишет в другой сервер, и команды, берущие блокировки там, не видят здешних"),
    ("a lock does not stay with the connection that took it: a proxy or load balancer shares its connections among commands", "блокировка не остаётся за соединением, которое её взяло: прокси или балансировщик делит свои соединения между командами"),
    ("it is read-only ({}), a replica that may be late, and what other commands have written must be seen at once", "он доступен только для чтения ({}): это реплика, которая может отставать, а записанное другими командами должно быть видно сразу"),
    ("another node takes its locks at {} (SSLLockHost), and this one names no server for them; if SSLLockHost was removed everywhere on purpose, run 'pmssl install --lock-host-moved' once", "другой узел берёт блокировки на {} (SSLLockHost), а на этом сервер для них не указан; если SSLLockHost намеренно убран на всех узлах, выполните один раз 'pmssl install --lock-host-moved'"),
    ("this node takes its locks at {}, and another one took them at {}: SSLLockHost must name the same server on every node; if it was moved everywhere on purpose, run 'pmssl install --lock-host-moved' once", "этот узел берёт блокировки на {}, а другой брал их на {}: SSLLockHost должен указывать на всех узлах один и тот же сервер; если он намеренно изменён на всех узлах, выполните один раз 'pmssl install --lock-host-moved'"),
    ("this node takes its locks at {}, and another one has no SSLLockHost: name the same server on every node, then run 'pmssl install --lock-host-moved' once", "этот узел берёт блокировки на {}, а на другом SSLLockHost не задан: укажите на всех узлах один и тот же сервер и выполните один раз 'pmssl install --lock-host-moved'"),
    ("the option takes host or host:port", "параметр принимает узел или узел:порт"),
    ("this name means another server on each node: give an address that is the same on all of them", "на каждом узле это имя означает свой сервер: укажите адрес, одинаковый для всех узлов"),
    // The order form.
    ("A number in international form is needed, for example +7 (900) 123-45-67", "Нужен номер в международном формате, например +7 (900) 123-45-67"),
    ("An e-mail address is needed", "Нужен адрес электронной почты"),
    ("'{}' is not an e-mail address", "'{}' - не адрес электронной почты"),
    ("Extended validation names the position of each contact", "При расширенной проверке указывается должность каждого контакта"),
    ("Neither the form nor the CSR names a country", "Страна не указана ни в форме, ни в CSR"),
    ("A country of the platform's list or a two-letter code is needed", "Нужна страна из списка платформы или двухбуквенный код"),
    ("a trial period cannot be bought from a vendor", "пробный период у поставщика купить нельзя"),
    ("a term of 1 to {} months is needed", "нужен срок от 1 до {} месяцев"),
    ("The product offers: {}", "Продукт предлагает: {}"),
    ("A file does not prove control of a wildcard name: choose e-mail or DNS", "Файлом нельзя подтвердить имя со звёздочкой: выберите e-mail или DNS"),
    ("More addresses than names ({})", "Адресов больше, чем имён ({})"),
    ("The name {} has no approver address", "Для имени {} нет адреса подтверждения"),
    ("this product needs the company's registration number", "для этого продукта нужен регистрационный номер организации"),
    ("{} (for {})", "{} (для {})"),
    ("a period is counted in months, from one on", "период указывается в месяцах, начиная с одного"),
    ("It holds a private key, which nobody but its owner may see: remove it, and let the client make a new key and CSR", "В нём закрытый ключ, который не должен видеть никто, кроме владельца: удалите его, и пусть клиент создаст новый ключ и CSR"),
    ("It holds the control character {}: write it in one line", "В нём управляющий символ {}: запишите значение одной строкой"),
    ("It has {} characters, at most {} are accepted", "В нём {} символов, допускается не более {}"),
    // Names.
    ("this product holds one name only", "этот продукт рассчитан на одно имя"),
    ("this product takes no wildcard names", "этот продукт не принимает имён со звёздочкой"),
    ("this product needs a wildcard name such as *.example.com", "этому продукту нужно имя со звёздочкой, например *.example.com"),
    ("this product takes no wildcard name as its main name", "этот продукт не принимает имя со звёздочкой как основное"),
    ("{} are named, {} were ordered. Order more or remove some", "указано {}, заказано {}. Закажите больше или удалите лишние"),
    ("it is an internal name or a public suffix; certificates are issued for registered domains only", "это внутреннее имя или публичный суффикс; сертификаты выпускаются только для зарегистрированных доменов"),
    ("internal names are not certified", "для внутренних имён сертификаты не выпускаются"),
    ("addresses of internal networks are not certified", "для адресов внутренних сетей сертификаты не выпускаются"),
    ("the product is for a wildcard name", "продукт для имени со звёздочкой"),
    ("the product is not for a wildcard name", "продукт не для имени со звёздочкой"),
    ("the product takes no additional names", "продукт не принимает дополнительных имён"),
    ("the product takes no additional wildcard names", "продукт не принимает дополнительных имён со звёздочкой"),
    ("the name is empty", "имя пустое"),
    ("the name or one of its labels is too long", "имя или одна из его частей слишком длинные"),
    ("the name holds a character or label that no host name has", "в имени есть символ или часть, недопустимые в имени узла"),
    ("an asterisk may only stand as the whole first label", "звёздочка может быть только целой первой частью имени"),
    ("the name is an IP address", "имя является IP-адресом"),
    ("this is a web address: leave out http:// or https:// and everything from the first slash behind the name on", "это веб-адрес: уберите http:// или https:// и всё, начиная с первой косой черты после имени"),
    ("this is an e-mail address, not a host name", "это адрес электронной почты, а не имя узла"),
    ("a host name has no port: leave out the colon and the number", "в имени узла нет порта: уберите двоеточие и номер"),
    ("there is a blank, a comma or a semicolon in it: one host name is needed", "в нём пробел, запятая или точка с запятой: нужно одно имя узла"),
    ("a label with hyphens in its third and fourth place is reserved, unless it is punycode", "часть имени с дефисами на третьем и четвёртом месте зарезервирована, если это не punycode"),
    ("an underscore is not allowed in a host name", "подчёркивание в имени узла недопустимо"),
    ("a part of the name is empty: it begins with a dot or has two dots in a row", "часть имени пустая: оно начинается с точки или в нём две точки подряд"),
    // The CSR and its key.
    ("it carries no domain name", "в нём нет доменного имени"),
    ("it names no host, only this: {}", "в нём нет имени узла, только это: {}"),
    ("it is damaged inside: characters or lines were changed, added or moved. Copy it anew", "он повреждён внутри: символы или строки изменены, добавлены или переставлены. Скопируйте его заново"),
    ("a private key stands beside it, which nobody but its owner may see: make a new key and a new CSR, and send the CSR alone", "рядом с ним находится закрытый ключ, который не должен видеть никто, кроме владельца: создайте новый ключ и новый CSR и отправьте только CSR"),
    ("its content is not a certificate signing request", "его содержимое не является запросом на сертификат"),
    ("it is signed with {}, use SHA-256 or SHA-384", "он подписан с {}, используйте SHA-256 или SHA-384"),
    ("an algorithm that is not known here", "алгоритмом, который здесь неизвестен"),
    ("its signature is wrong, so it was changed or cut", "его подпись неверна: он изменён или обрезан"),
    ("it is larger than {} KiB", "он больше {} КиБ"),
    ("there are several different ones in the text", "в тексте несколько разных запросов"),
    ("the text holds '{}' instead", "вместо него в тексте '{}'"),
    ("there is no 'BEGIN CERTIFICATE REQUEST' in the text", "в тексте нет строки 'BEGIN CERTIFICATE REQUEST'"),
    ("the vendor's delivery holds one, but it is cut off, damaged or of an unknown kind", "в ответе поставщика он есть, но обрезан, повреждён или неизвестного вида"),
    ("it is cut off, its end is missing: copy it as a whole", "он обрезан, его конца нет: скопируйте его целиком"),
    ("there is nothing between its BEGIN and END", "между его BEGIN и END ничего нет"),
    ("all its letters were made small ones, which destroys it: copy it anew", "все его буквы стали строчными, это его портит: скопируйте его заново"),
    ("all its letters were made capitals, which destroys it: copy it anew", "все его буквы стали заглавными, это его портит: скопируйте его заново"),
    ("a character stands in it that does not belong there: '{}'", "в нём есть посторонний знак: '{}'"),
    ("it has no field of attributes: create it with another program", "в нём нет поля атрибутов: создайте его другой программой"),
    ("it holds several common names", "в нём несколько общих имён"),
    ("its common name is no readable text", "его общее имя не является читаемым текстом"),
    ("its common name has {} characters, and certificates hold {} at most: take a shorter one, or none and name the host among the alternative names", "в его общем имени знаков: {}, а в сертификате помещается не больше {}: возьмите имя короче или не указывайте его, а узел назовите среди альтернативных имён"),
    ("its common name is written '{}', a certificate needs it as '{}'", "его общее имя записано как '{}', а в сертификате нужно '{}'"),
    ("its common name '{}' is not a host name: {}", "его общее имя '{}' - не имя узла: {}"),
    ("its alternative names cannot be read", "его альтернативные имена не читаются"),
    ("an alternative name is written '{}', a certificate needs it as '{}'", "альтернативное имя записано как '{}', а в сертификате нужно '{}'"),
    ("one of its alternative names is empty", "одно из его альтернативных имён пустое"),
    ("its alternative name '{}' is not a host name: {}", "его альтернативное имя '{}' - не имя узла: {}"),
    ("its country is written '{}': write {}", "его страна записана как '{}': напишите {}"),
    ("its country '{}' is not a code of two letters such as DE or GB", "его страна '{}' - не двухбуквенный код вроде DE или GB"),
    ("it is RSA with {} bits, which is not a multiple of 8", "это RSA длиной {} бит, а длина должна быть кратна 8"),
    ("it is RSA with {} bits", "это RSA длиной {} бит"),
    ("it is an RSA key that cannot be read", "это нечитаемый ключ RSA"),
    ("it is RSA with the exponent {} instead of 65537", "это RSA с показателем {} вместо 65537"),
    ("it is EC P-521", "это EC P-521"),
    ("it is EC without a named curve", "это EC без названной кривой"),
    ("it is EC with the curve {}", "это EC с кривой {}"),
    ("that is not known here", "которая здесь неизвестна"),
    ("it is a key of a kind that is not known here", "это ключ неизвестного здесь вида"),
    // Delivered certificates.
    ("the vendor's files hold no certificate", "в файлах поставщика нет сертификата"),
    ("none of the {} certificates in the vendor's files has the public key of the CSR (they are: {})", "ни у одного из сертификатов в файлах поставщика ({}) нет открытого ключа CSR (это: {})"),
    ("none of the {} certificates in the vendor's files is a server's for '{}'", "среди сертификатов в файлах поставщика ({}) нет серверного для '{}'"),
    ("it does not cover the IP address {}: ask the vendor to correct the order", "он не охватывает IP-адрес {}: попросите поставщика исправить заказ"),
    ("this vendor certifies no IP addresses", "этот поставщик не выпускает сертификаты для IP-адресов"),
    ("this product takes no IP addresses", "этот продукт не принимает IP-адреса"),
    ("a TXT record does not prove control of an IP address: choose e-mail or a file", "запись TXT не подтверждает управление IP-адресом: выберите почту или файл"),
    ("it does not cover {} (it covers {}): ask the vendor to correct the order", "он не охватывает {} (охватывает {}): попросите поставщика исправить заказ"),
    ("it ended on {}: the vendor sent a former certificate, ask for the present one, and check this server's clock", "он закончился {}: поставщик прислал прежний сертификат; запросите нынешний и проверьте часы сервера"),
    ("it is to live until {}, longer than any rule for public certificates ever allowed: no public authority issued it, ask the vendor", "его срок - до {}, дольше, чем когда-либо разрешали правила для публичных сертификатов: его выпустил не публичный центр, обратитесь к поставщику"),
    ("it begins only on {}: check this server's clock, or ask the vendor", "он начинает действовать только {}: проверьте часы сервера или обратитесь к поставщику"),
    ("its extended key usage does not allow servers: ask the vendor for a server's certificate", "его расширенное назначение ключа не допускает серверов: запросите у поставщика серверный сертификат"),
    ("it has no alternative names, and browsers look at nothing else: ask the vendor to issue it again", "в нём нет альтернативных имён, а браузеры смотрят только на них: попросите поставщика выпустить его заново"),
    ("it covers {} names, more than any product holds: ask the vendor for the right certificate", "он охватывает имён: {}, столько нет ни в одном продукте; запросите у поставщика нужный сертификат"),
    ("'{}' is signed with an algorithm that cannot be verified here: look at it and save it by hand", "'{}' подписан алгоритмом, который здесь нельзя проверить: посмотрите его и сохраните вручную"),
    ("it is self-signed: ask the vendor for the certificate signed by the authority", "он самоподписанный: запросите у поставщика сертификат, подписанный центром"),
    ("its public key is not the one of the CSR: it belongs to another request, ask the vendor for the certificate of the current CSR", "его открытый ключ не из CSR: он относится к другому запросу; запросите у поставщика сертификат для нынешнего CSR"),
    ("the certificate of its issuer '{}' is not among the vendor's files: ask the vendor for the complete chain", "среди файлов поставщика нет сертификата его издателя '{}': запросите полную цепочку"),
    ("the vendor has not handed out the certificate yet", "поставщик ещё не выдал сертификат"),
    ("the certificate lives {} days, and one issued since {} may live {} at most: browsers may refuse it", "срок действия сертификата {} дн., а выпущенный с {} может действовать не больше {}: браузеры могут его отклонить"),
    ("the certificate may be used by clients, too (clientAuth), its successors will not: Sectigo ends that on 2027-02-10, DigiCert on 2027-03-01, and Chrome's rules on 2027-03-15. Where a program logs in with it, another certificate is needed by then", "сертификат годится и для клиентов (clientAuth), а следующие - нет: Sectigo прекращает это 2027-02-10, DigiCert 2027-03-01, правила Chrome - 2027-03-15. Если программа входит куда-то с ним, к этому времени нужен другой сертификат"),
    // Settings.
    ("An address such as http://proxy.example.com:3128 is needed in billmgr.conf. Nothing was sent", "Нужен адрес вида http://proxy.example.com:3128 в billmgr.conf. Ничего не отправлено"),
    ("it is not a regular file", "это не обычный файл"),
    ("this is not an address", "это не адрес"),
    ("this is not an IP address", "это не IP-адрес"),
    ("key file {}: {}", "файл ключа {}: {}"),
    ("the stored value is not base64", "сохранённое значение не в base64"),
    ("the stored value was made with another key", "сохранённое значение создано с другим ключом"),
    ("it is not a valid RSA key", "это негодный ключ RSA"),
    ("the key is protected by a pass phrase", "ключ защищён паролем"),
    ("there is no PEM private key in it", "в нём нет закрытого ключа PEM"),
    ("the PEM block is damaged", "блок PEM повреждён"),
    ("no certificate in it", "в нём нет сертификатов"),
    ("no answer within {} s", "нет ответа за {} с"),
    ("no answer from {} within {} s", "нет ответа от {} за {} с"),
    ("option {} has an invalid value '{}'", "у параметра {} недопустимое значение '{}'"),
    // Files of settings: debug.conf, the site's corrections.
    ("line {}: {}", "строка {}: {}"),
    ("'{}' is not an entry of this module", "'{}' не относится к этому модулю"),
    ("'{}' stands here a second time", "'{}' указано второй раз"),
    ("'{}' has no value", "у '{}' нет значения"),
    ("'{}' cannot be switched off", "'{}' нельзя отключить"),
    ("one word is expected", "ожидается одно слово"),
    ("words between commas are expected", "ожидаются слова через запятую"),
    ("a whole number is expected", "ожидается целое число"),
    ("whole numbers between commas are expected", "ожидаются целые числа через запятую"),
    ("a number above zero is expected", "ожидается число больше нуля"),
    ("on or off is expected", "ожидается on или off"),
    ("one of these is expected: {}", "ожидается одно из: {}"),
    ("name=value pairs between commas are expected", "ожидаются пары имя=значение через запятую"),
    ("this function acts without being told to", "эта функция действует без подтверждения"),
    ("it holds a field that is not free", "в нём есть занятое поле"),
    ("the name ends in a country code in capitals", "имя оканчивается кодом страны заглавными буквами"),
    ("the name ends in the number of a tariff", "имя оканчивается номером тарифа"),
    ("no such meaning", "такого значения нет"),
    ("the file is too large", "файл слишком велик"),
    ("the level is missing", "не указан уровень"),
    ("the level is not a number from 0 to 9", "уровень не является числом от 0 до 9"),
    ("the equals sign is missing", "нет знака равенства"),
    ("the size is not a number of bytes above 0", "размер не является числом байт больше 0"),
    ("the colour is neither on nor off", "цвет не on и не off"),
    ("the storage is neither file nor console", "хранилище не file и не console"),
    ("a setting of this name is not known", "настройка с таким именем неизвестна"),
    ("a name is empty", "имя пустое"),
    ("a star stands for a whole name, not for a part of one", "звёздочка заменяет имя целиком, а не его часть"),
    ("the number under which TheSSLStore knows the organization is needed", "нужен номер, под которым TheSSLStore знает организацию"),
    ("This product is for an organization that is registered at TheSSLStore", "Этот продукт - для организации, зарегистрированной в TheSSLStore"),
    // Vendors.
    ("{} has no such call", "{} не имеет такого вызова"),
    ("HTTP status {}, {} ('{}')", "статус HTTP {}, {} ('{}')"),
    ("HTTP status {}, {}", "статус HTTP {}, {}"),
    ("a redirect to {}, which is not followed: it could send an order twice", "перенаправление на {}, по нему программа не идёт: заказ мог бы уйти дважды"),
    ("a redirect, which is not followed: it could send an order twice", "перенаправление, по нему программа не идёт: заказ мог бы уйти дважды"),
    ("the credentials are not accepted", "учётные данные не приняты"),
    ("requests from here are not allowed", "запросы отсюда не разрешены"),
    ("the vendor's service is not at this address", "по этому адресу нет службы поставщика"),
    ("the proxy wants credentials", "прокси требует учётные данные"),
    ("too many requests at a time", "слишком много запросов за раз"),
    ("the service is out of order", "служба не работает"),
    ("an unexpected one", "неожиданный"),
    ("the answer is empty", "пустой ответ"),
    ("the answer is a web page instead of data, as during maintenance ('{}')", "вместо данных пришла веб-страница, как при техническом обслуживании ('{}')"),
    ("the answer is a web page instead of data, as during maintenance", "вместо данных пришла веб-страница, как при техническом обслуживании"),
    ("the answer is a text instead of data ('{}')", "вместо данных пришёл текст ('{}')"),
    ("the issuer of the certificate of the vendor's server is not known here: the server leaves out its intermediate certificate, which only the vendor can mend, or another server stands between, whose root certificate belongs into the file of SSLCaFile", "издатель сертификата сервера поставщика здесь неизвестен: сервер не присылает промежуточный сертификат, и исправить это может только поставщик, либо на пути стоит другой сервер, корневой сертификат которого нужно внести в файл SSLCaFile"),
    ("the certificate of the vendor's server ended on {}: check this server's clock; when it is right, only the vendor can mend that", "срок сертификата сервера поставщика истёк {}: проверьте часы этого сервера; если они верны, исправить это может только поставщик"),
    ("the certificate of the vendor's server begins only on {}: check this server's clock; when it is right, only the vendor can mend that", "сертификат сервера поставщика действует только с {}: проверьте часы этого сервера; если они верны, исправить это может только поставщик"),
    ("the certificate of the vendor's server is not for '{}': check the address in the settings; when it is right, only the vendor can mend that", "сертификат сервера поставщика выдан не для '{}': проверьте адрес в настройках; если он верен, исправить это может только поставщик"),
    ("the certificate of the vendor's server is revoked: only the vendor can mend that", "сертификат сервера поставщика отозван: исправить это может только поставщик"),
    ("the certificate of the vendor's server is damaged or of an unknown kind: only the vendor can mend that", "сертификат сервера поставщика повреждён или неизвестного вида: исправить это может только поставщик"),
    ("the vendor's server broke off the handshake ({}): ask the vendor whether it has changed", "сервер поставщика прервал установку соединения ({}): спросите поставщика, не изменилось ли что-то"),
    ("the vendor's server speaks neither TLS 1.2 nor TLS 1.3 in a way that is known here: only the vendor can mend that", "сервер поставщика не поддерживает известные здесь виды TLS 1.2 и 1.3: исправить это может только поставщик"),
    ("what answers there does not speak TLS: check the address and its port in the settings", "отвечающий сервер не поддерживает TLS: проверьте адрес и порт в настройках"),
    ("the handshake with the vendor's server failed: ask the vendor whether it has changed", "не удалось установить соединение с сервером поставщика: спросите поставщика, не изменилось ли что-то"),
    ("{}: no connection: {}", "{}: нет соединения: {}"),
    ("{}: no connection can be made: {}", "{}: соединение невозможно: {}"),
    ("{}: no answer: {}", "{}: нет ответа: {}"),
    ("{}: the answer is larger than {} bytes", "{}: ответ больше {} байт"),
    ("nothing was sent: {}", "ничего не отправлено: {}"),
    ("price {} {}, balance {} {}", "цена {} {}, баланс {} {}"),
    ("price {} {}, available {} {}", "цена {} {}, доступно {} {}"),
    ("the vendor shows no order under the number issued for it; only the operation that ordered sends it again", "поставщик не показывает заказа под выданным для него номером; повторно отправить его может только та же операция заказа"),
    ("the vendor shows an order whose number cannot be one", "поставщик показывает заказ с номером, который не может быть номером заказа"),
    ("the vendor shows no order that may be this one and that no service has, which does not prove that nothing was bought", "поставщик не показывает заказа, который мог бы быть этим и не принадлежал бы другой услуге; это не доказывает, что ничего не куплено"),
    ("the vendor has orders that may be this one and that no service has: {}", "у поставщика есть заказы, которые могут быть этим и не принадлежат ни одной услуге: {}"),
    ("the vendor does not show the order yet; if it still does not after {} UTC, nothing was bought", "поставщик пока не показывает заказ; если не покажет и после {} UTC, ничего не куплено"),
    ("the vendor does not show the order yet; it is looked up again after {} UTC", "поставщик пока не показывает заказ; следующая проверка после {} UTC"),
    ("the vendor does not show the order yet; the next run looks again", "поставщик пока не показывает заказ; следующий запуск проверит снова"),
    ("the same call was sent twice under one number, and the vendor does not tell whether the order exists", "один и тот же вызов отправлен дважды под одним номером, и поставщик не сообщает, существует ли заказ"),
    ("the vendor's answer named {}, whose record is not this order's", "в ответе поставщика указан номер {}, но запись под ним относится не к этому заказу"),
    ("It was given to a person on {}. Nothing is ordered before 'pmssl resolve --item {}' has settled it", "Решение передано человеку {}. До выполнения 'pmssl resolve --item {}' ничего не заказывается"),
    ("this command was stopped for too long; nothing was sent", "команда была приостановлена слишком надолго; ничего не отправлено"),
    ("it was sent with another address or login of account {} than are set now: put them back", "он отправлен с другим адресом или логином обработчика {}, чем указаны сейчас: верните прежние"),
    ("the lock was lost because the database connection was cut; nothing was sent", "блокировка потеряна: соединение с базой данных прервано; ничего не отправлено"),
    ("another command has begun on this service, under locks that this one does not see, or the database was set back; nothing was sent", "с этой услугой начала работать другая команда, чьих блокировок здесь не видно, или база данных возвращена к прежнему состоянию; ничего не отправлено"),
    ("order {} of another service was offered again", "заказ {} другой услуги предложен повторно"),
    ("the order did not reach the vendor; a new attempt will be made", "заказ не дошёл до поставщика; будет сделана новая попытка"),
    ("looking it up failed: {}", "поиск заказа не удался: {}"),
    ("the vendor shows order {}, which service {} has already", "поставщик показывает заказ {}, который уже есть у услуги {}"),
    ("it was sent through account {}, and the service is on another one now: put the service back", "он отправлен через обработчик {}, а услуга теперь на другом: верните услугу"),
    ("the earlier '{}' has to be settled first", "сначала нужно выяснить исход прежней операции '{}'"),
    ("its certificate is still awaited", "его сертификат ещё ожидается"),
    ("this certificate was replaced already; the new one has not been saved yet", "этот сертификат уже заменён; новый ещё не сохранён"),
    ("a new order is placed only for a new operation of the platform", "новый заказ делается только по новой операции платформы"),
    ("the platform's operation '{}' is not closed yet", "операция платформы '{}' ещё не закрыта"),
    ("{}. When it was sent, this came back: {}", "{}. При отправке пришёл ответ: {}"),
    ("{}. The service is back on order {}", "{}. Услуга возвращена к заказу {}"),
    ("It may have been written by a newer version of this program or changed by hand", "Возможно, оно записано более новой версией программы или изменено вручную"),
    ("another program has ordered for this service and stored only its {}: 'pmssl install --adopt' asks the vendor for the order", "для этой услуги заказывала другая программа и сохранила только {}: 'pmssl install --adopt' запросит заказ у поставщика"),
    ("the vendor does not tell {}: make the service by hand", "поставщик не сообщает {}: создайте услугу вручную"),
    ("{} certificates became services, {} did not; the first of them: {}. Run it again when the cause is removed, what is imported stays", "услугами стали сертификатов: {}, не удалось: {}; первый из них: {}. Устраните причину и повторите, импортированное остаётся"),
    ("the command was cut short; see the module's log", "команда прервана; см. журнал модуля"),
    ("it is not UTF-8 text", "это не текст UTF-8"),
    ("'{}': {}", "'{}': {}"),
    ("the client of service {} has no user to write to", "у клиента услуги {} нет пользователя, которому можно написать"),
];

/// The hole of a pattern.
const HOLE: &str = "{}";

/// A detail in Russian, or as it came.
pub(super) fn russian(detail: &str) -> String {
    translated(detail)
        .or_else(|| {
            // A call of the vendor, and what became of it.
            let (call, rest) = detail.split_once(": ")?;
            let is_word = !call.contains(char::is_whitespace);
            let rest = is_word.then(|| translated(rest)).flatten()?;
            Some(format!("{call}: {rest}"))
        })
        .unwrap_or_else(|| detail.to_owned())
}

fn translated(detail: &str) -> Option<String> {
    TABLE.iter().find_map(|(english, russian)| {
        let filled = holes(english, detail)?;
        Some(fill(russian, &filled))
    })
}

/// What fills the holes when a text matches a pattern from end to end. Each literal part is taken at its
/// first place, the last one at the end.
fn holes<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split(HOLE);
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut filled = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let at = match (is_last, part.is_empty()) {
            (true, _) => rest.len().checked_sub(part.len())?,
            (false, true) => return None,
            (false, false) => rest.find(part)?,
        };
        let (hole, tail) = rest.split_at_checked(at)?;
        rest = tail.strip_prefix(part)?;
        filled.push(hole);
    }
    rest.is_empty().then_some(filled)
}

fn fill(pattern: &str, filled: &[&str]) -> String {
    let mut text = String::new();
    let mut filled = filled.iter();
    for (at, part) in pattern.split(HOLE).enumerate() {
        if at > 0 {
            // What is filled in may be a detail itself.
            text.push_str(&filled.next().map_or_else(String::new, |hole| russian(hole)));
        }
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn both_languages_have_the_same_holes_and_no_pattern_hides_another() {
        for (at, (english, russian)) in TABLE.iter().enumerate() {
            let count = |text: &str| text.matches(HOLE).count();
            assert_eq!(count(english), count(russian), "{english}");
            assert!(!english.contains("{}{}"), "{english}");
            for (earlier, _) in &TABLE[..at] {
                assert!(
                    holes(earlier, english).is_none(),
                    "{earlier} hides {english}"
                );
            }
        }
    }

    #[test]
    fn details_are_translated_with_what_they_are_filled_with() {
        for (english, expected) in [
            (
                "An e-mail address is needed",
                "Нужен адрес электронной почты",
            ),
            (
                "The name a.example has no approver address",
                "Для имени a.example нет адреса подтверждения",
            ),
            ("it is RSA with 1024 bits", "это RSA длиной 1024 бит"),
            (
                "3 are named, 2 were ordered. Order more or remove some",
                "указано 3, заказано 2. Закажите больше или удалите лишние",
            ),
            (
                "nothing was sent: it is EC P-521",
                "ничего не отправлено: это EC P-521",
            ),
            (
                "order/status: HTTP status 401, the credentials are not accepted ('Who?')",
                "order/status: статус HTTP 401, учётные данные не приняты ('Who?')",
            ),
            (
                "the vendor: the answer is empty",
                "the vendor: the answer is empty",
            ),
            ("the vendor's own words", "the vendor's own words"),
            (
                "it is RSA with 1024 bits and more",
                "it is RSA with 1024 bits and more",
            ),
            ("", ""),
        ] {
            assert_eq!(russian(english), expected);
        }
    }

    /// Texts with their line continuations joined.
    fn sources(directory: &Path, all: &mut String) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, all);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && !path.ends_with("failure/details.rs")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let mut lines = text.lines().peekable();
                while let Some(line) = lines.next() {
                    match line.strip_suffix('\\') {
                        Some(open) => {
                            all.push_str(open);
                            if let Some(next) = lines.peek_mut() {
                                *next = next.trim_start();
                            }
                        }
                        None => {
                            all.push_str(line);
                            all.push('\n');
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_pattern_is_a_text_of_this_program() {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        for (english, _) in TABLE {
            for part in english.split(HOLE).filter(|part| part.len() > 3) {
                assert!(
                    all.contains(part),
                    "nobody says '{part}' any more: {english}"
                );
            }
        }
    }
}
