//! The texts of help, in both languages. The English ones stand where commands and options are defined; a test compares
//! them, so that none is changed or added there alone.

use crate::module::Text;

macro_rules! pairs {
    ($( $en:literal, $ru:literal; )*) => { &[ $( Text::new($en, $ru), )* ] };
}

/// What clap itself says in a help text; whatever contains another one stands before it.
pub(super) const CLAP: &[Text] = pairs! {
    "Print help for the subcommand(s)", "Вывести справку о командах";
    "Print this message or the help of the given subcommand(s)",
        "Вывести эту справку или справку об указанной команде";
    "Print help (see a summary with '-h')", "Вывести справку (кратко: '-h')";
    "Print help (see more with '--help')", "Вывести справку (подробно: '--help')";
    "Print help", "Вывести справку";
    "Print version", "Вывести версию";
    "Usage:", "Использование:";
    "Commands:", "Команды:";
    "Arguments:", "Аргументы:";
    "Options:", "Ключи:";
    "[OPTIONS]", "[КЛЮЧИ]";
    "<COMMAND>", "<КОМАНДА>";
    "[COMMAND]", "[КОМАНДА]";
    "[default: ", "[по умолчанию: ";
    "[possible values: ", "[допустимые значения: ";
    "Possible values:", "Допустимые значения:";
};

/// Names of values.
pub(super) const VALUES: &[Text] = pairs! {
    "CODE", "КОД";
    "COMMAND", "КОМАНДА";
    "COLUMN", "СТОЛБЕЦ";
    "COLUMNS", "СТОЛБЦЫ";
    "COUNT", "ЧИСЛО";
    "DAYS", "ДНИ";
    "DIRECTORY", "КАТАЛОГ";
    "FILE", "ФАЙЛ";
    "FORMAT", "ФОРМАТ";
    "LANGUAGE", "ЯЗЫК";
    "MODULE", "МОДУЛЬ";
    "NAME", "ИМЯ";
    "NAME=VALUE", "ИМЯ=ЗНАЧЕНИЕ";
    "NAMES", "ИМЕНА";
    "ORDER", "НОМЕР";
    "ORDERS", "НОМЕРА";
    "SHELL", "ОБОЛОЧКА";
    "STATE", "СОСТОЯНИЕ";
    "STATES", "СОСТОЯНИЯ";
    "SUBCOMMAND", "КОМАНДА";
    "TEXT", "ТЕКСТ";
    "YYYY-MM-DD", "ГГГГ-ММ-ДД";
};

/// What an option of billmgr.conf takes, as far as it is the same for all of a kind.
pub(super) const TAKES: &[Text] = pairs! {
    "a number from ", "число от ";
    "a number of seconds above 0", "число секунд больше 0";
    "one of ", "одно из: ";
    "the address of a proxy", "адрес прокси";
    "the address of a DNS server", "адрес сервера DNS";
    "a server", "сервер";
    "an absolute path", "абсолютный путь";
    "the absolute path of a program", "абсолютный путь программы";
    "a port", "порт";
    "a text", "текст";
};

/// Heads of the manual's sections.
pub(super) const HEADS: &[Text] = pairs! {
    "NAME", "ИМЯ";
    "SYNOPSIS", "СИНТАКСИС";
    "DESCRIPTION", "ОПИСАНИЕ";
    "OPTIONS", "КЛЮЧИ";
    "COMMANDS", "КОМАНДЫ";
    "EXAMPLES", "ПРИМЕРЫ";
    "OPTIONS OF BILLMGR.CONF", "ПАРАМЕТРЫ BILLMGR.CONF";
    "FILES", "ФАЙЛЫ";
    "ENVIRONMENT", "ПЕРЕМЕННЫЕ СРЕДЫ";
    "EXIT STATUS", "КОДЫ ЗАВЕРШЕНИЯ";
    "SEE ALSO", "СМ. ТАКЖЕ";
};

/// What the manual alone says: options of billmgr.conf with their defaults, files, variables.
pub(super) const MANUAL: &[Text] = pairs! {
    "paid: the service's End date is the end of the paid term; certificate: the end of its certificate",
        "paid: дата окончания услуги - конец оплаченного срока; certificate: конец срока сертификата";
    "always: Paid till is shown wherever the service is paid for longer than its certificate holds; multiyear: it stays empty for services of up to a year",
        "always: дата \"Оплачено до\" показывается, если услуга оплачена дольше, чем действует сертификат; multiyear: у услуг сроком до года она пуста";
    "seconds that one call of BILLmanager's mgrctl may take", "сколько секунд может длиться один вызов mgrctl";
    "seconds to wait for a restarting BILLmanager before giving up saving an order number",
        "сколько секунд ждать перезапуска BILLmanager, чтобы сохранить номер заказа";
    "the one database server, host or host:port, at which all nodes take their locks; for clusters, see operations",
        "единственный сервер базы данных, узел или узел:порт, на котором все узлы берут блокировки; для кластеров, см. operations";
    "the database's own", "сам сервер базы данных";
    "TLS to the database and to SSLLockHost: prefer uses it on other hosts where the server can, require never goes without, verify also checks the server's certificate and name, off; a socket needs none. An option of pmssl, not of BILLmanager",
        "TLS при подключении к базе данных и к SSLLockHost: prefer - для других узлов, если сервер умеет; require - всегда; verify - всегда и с проверкой сертификата и имени сервера; off - никогда; для сокета не нужен. Это параметр pmssl, а не BILLmanager";
    "PEM file of root certificates trusted beside the built-in ones when SSLDBTls verify checks the database's certificate",
        "файл PEM с корневыми сертификатами, которым, кроме встроенных, доверяет проверка сертификата базы данных (SSLDBTls verify)";
    "PEM file of root certificates trusted beside the built-in ones",
        "файл PEM с корневыми сертификатами, которым доверяют, кроме встроенных";
    "proxy for calls to vendors, http or https; the environment's proxy variables are ignored. One that is not understood stops orders: nothing goes past it",
        "прокси для запросов к поставщикам, http или https; переменные среды о прокси не учитываются. С неверным значением заказы не выполняются: в обход прокси ничего не отправляется";
    "the DNS server that is asked about names and published records, address or address:port; off asks nobody",
        "сервер DNS для проверки имён и опубликованных записей, адрес или адрес:порт; off - не запрашивать никого";
    "those of /etc/resolv.conf", "серверы из /etc/resolv.conf";
    "seconds for a call that buys nothing", "сколько секунд может длиться запрос, который ничего не покупает";
    "seconds for a call that orders", "сколько секунд может длиться запрос заказа";
    "seconds before a call that buys nothing is repeated",
        "через сколько секунд повторять запрос, который ничего не покупает";
    "what happens before a certificate inside a paid term ends: auto reissues, manual tells the client, none",
        "что происходит перед концом срока сертификата внутри оплаченного срока: auto - перевыпуск, manual - сообщение клиенту, none - ничего";
    "days before the certificate's end, 1 to 200; never more than half of what the certificate and its successor live",
        "за сколько дней до конца срока сертификата, от 1 до 200; не больше половины срока этого сертификата и следующего";
    "10; 14 where the client has to prove the names anew, as long as the term needs no certificate more for it; 21 where the vendor verifies the company anew",
        "10; 14, если клиент должен заново подтвердить имена, когда из-за этого не понадобится лишний сертификат; 21, если поставщик заново проверяет организацию";
    "seconds between two passes of the daemon", "сколько секунд между двумя проходами демона";
    "requests that the daemon sends to the vendor for one account within a second",
        "сколько запросов в секунду демон отправляет поставщику для одного обработчика";
    "services of one module that the daemon works on at the same time",
        "со сколькими услугами одного модуля демон работает одновременно";
    "ordering calls that the daemon makes for one account within an hour",
        "сколько запросов заказа в час демон делает для одного обработчика";
    "file that the daemon writes for Prometheus, see monitoring", "файл, который демон пишет для Prometheus, см. monitoring";
    "program that the daemon runs with a JSON event on standard input when a certificate is issued or has expired, an order is refused, a person is needed or a balance is low, see monitoring",
        "программа, которую демон запускает с событием в JSON на стандартном вводе, когда сертификат выпущен или истёк, заказ отклонён, нужен человек или мал баланс, см. monitoring";
    "none", "нет";
    "BILLmanager's directory; the paths below are inside it", "каталог BILLmanager; пути ниже указаны относительно него";
    "options, and the login to the database", "параметры и данные для подключения к базе данных";
    "the key of stored credentials", "ключ сохранённых учётных данных";
    "levels of the logs", "уровни журналов";
    "corrections to what is known of a vendor's API", "поправки к тому, что известно об API поставщика";
    "while this file exists, BILLmanager's operations end with success and do nothing, and the daemon makes no pass",
        "пока этот файл есть, операции BILLmanager завершаются успешно и ничего не делают, а демон не делает проходов";
    "the modules: links to this program", "модули: ссылки на эту программу";
    "their forms", "их формы";
    "logs of the modules and of the daemon", "журналы модулей и демона";
    "what the program keeps: order numbers that could not be saved yet (spool), the ledger of orders, captures, files that were replaced",
        "что хранит программа: ещё не сохранённые номера заказов (spool), книга заказов (ledger), записанные ответы, заменённые файлы";
    "the daemon and the rotation of the logs; a package has its units below /lib or /usr/lib",
        "демон и ротация журналов; юниты пакета лежат в /lib или /usr/lib";
    "BILLmanager's directory, unless --root names it", "каталог BILLmanager, если он не указан ключом --root";
    "the secret for 'pmssl check MODULE', unless --secret-file names a file with it",
        "секрет для 'pmssl check МОДУЛЬ', если файл с ним не указан ключом --secret-file";
    "language of messages, unless --lang names it; the first that is set counts. JSON and CSV are English without --lang",
        "язык сообщений, если он не указан ключом --lang; действует первая заданная. JSON и CSV без --lang - на английском";
    "no colours when it is set", "если задана, цвета не используются";
    "no colours when it is 'dumb'", "если равна 'dumb', цвета не используются";
    "time zone of the logs; lists and tables show UTC", "часовой пояс журналов; списки и таблицы показывают UTC";
    "who the logs say has settled or looked; the first that is set counts",
        "чьё имя попадёт в журнал как принявшего решение или смотревшего; действует первая заданная";
};

/// What commands and options say about themselves.
pub(super) const PAIRS: &[Text] = pairs! {
    // Every command.
    "Certificates for BILLmanager: never ordered twice, never lost",
        "Сертификаты для BILLmanager: без двойных и без потерянных заказов";
    "Certificates for BILLmanager: never ordered twice, never lost.",
        "Сертификаты для BILLmanager: без двойных и без потерянных заказов.";
    "The platform runs this program under the names of its modules (pmthesslstore, pmispmgrssl, pmleadertelecom, pmglobalsign, pmenomssl). An administrator runs the subcommands below.",
        "BILLmanager запускает эту программу под именами её модулей (pmthesslstore, pmispmgrssl, pmleadertelecom, pmglobalsign, pmenomssl). Администратор выполняет команды, перечисленные ниже.";
    "Language of messages: en or ru; the locale decides otherwise",
        "Язык сообщений: en или ru; если не указан, его задаёт локаль";
    "Print JSON for programs instead of tables for people",
        "Вывести JSON для программ вместо таблиц для людей";
    "The platform's directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise",
        "Каталог BILLmanager; если не указан - PMSSL_MGR_ROOT или /usr/local/mgr5";
    "Example:", "Пример:";
    "Examples:", "Примеры:";
    "Exit codes:", "Коды завершения:";
    "done, nothing is wrong", "выполнено, всё в порядке";
    "failed, or something broken was found", "не выполнено или найдена неисправность";
    "the command line is wrong, nothing was done", "ошибка в командной строке, ничего не сделано";
    "done, but there is something to look at", "выполнено, но кое-что требует внимания";
    "it is not known whether an order arrived: settle it with 'pmssl resolve'",
        "неизвестно, дошёл ли заказ: решите это командой 'pmssl resolve'";
    "the question was answered with no, nothing was changed",
        "на вопрос дан ответ \"нет\", ничего не изменено";
    "a whole number is needed, such as 7", "нужно целое число, например 7";
    // Which services, and how lists are printed.
    "Only this account", "Только этот обработчик";
    "Only this module", "Только этот модуль";
    "Only the modules of this vendor", "Только модули этого поставщика";
    "Only this service", "Только эта услуга";
    "The service", "Услуга";
    "The account", "Обработчик";
    "A table of 80 columns, all columns in full, CSV, or JSON (the same as --json)",
        "Таблица шириной 80 знаков, все столбцы целиком, CSV или JSON (то же, что --json)";
    "Sort by this column; nothing is printed before all is read",
        "Сортировать по этому столбцу; вывод начнётся, когда прочитано всё";
    "Print so many rows at most", "Вывести не больше стольких строк";
    "Columns of the table or CSV, separated by commas", "Столбцы таблицы или CSV через запятую";
    "Do not ask for confirmation", "Не спрашивать подтверждения";
    "Only tell what would be done", "Только показать, что будет сделано";
    // check
    "Try the way to a vendor: name, connection, TLS, credentials, balance",
        "Проверить путь к поставщику: имя, соединение, TLS, учётные данные, баланс";
    "Check typed settings of this module instead of stored accounts",
        "Проверить введённые здесь настройки этого модуля, а не сохранённые обработчики";
    "Check all accounts of all modules", "Проверить все обработчики всех модулей";
    "Typed settings: address of the vendor's API", "Введённые настройки: адрес API поставщика";
    "Typed settings: partner code", "Введённые настройки: код партнёра";
    "Typed settings: user name", "Введённые настройки: имя пользователя";
    "Typed settings: any other setting that is no secret",
        "Введённые настройки: любая другая, если она не секретна";
    "Typed settings: file whose first line is the secret",
        "Введённые настройки: файл, первая строка которого - секрет";
    "A secret is never an argument: it comes from --secret-file, from the variable PMSSL_SECRET, or is\nasked for on the terminal.",
        "Секрет не передаётся аргументом: его берут из файла --secret-file, из переменной PMSSL_SECRET или\nспрашивают на терминале.";
    // doctor
    "Examine this installation: files, settings, database, key, logs, services",
        "Проверить эту установку: файлы, настройки, база данных, ключ, журналы, услуги";
    "Do not show what is good", "Не показывать то, что в порядке";
    "Name services whose certificate ends within so many days",
        "Назвать услуги, сертификат которых истекает в ближайшие столько дней";
    "Answer as a plugin of Nagios: one line with the state and numbers, then each kind of finding once",
        "Ответить как плагин Nagios: строка с состоянием и числами, затем каждый вид находок по одному разу";
    "Only list everything that can be found, with identifiers and remedies",
        "Только перечислить всё, что можно найти, с идентификаторами и способами исправить";
    "Tell what this version changes on its first day here; nothing else is examined",
        "Показать, что эта версия изменит здесь в первый же день; остальное не проверяется";
    "what this version would change here, before it is installed",
        "что изменила бы эта версия здесь, до её установки";
    "Ends with 0 when all is well, 3 when there is something to look at, 1 when something is broken.\nNo vendor is called: that is 'pmssl check'.\nEach finding has an identifier for monitoring that never changes.",
        "Завершается с кодом 0, если всё в порядке, 3 - если что-то требует внимания, 1 - если что-то неисправно.\nК поставщикам не обращается: для этого есть 'pmssl check'.\nУ каждой находки есть неизменный идентификатор для мониторинга.";
    "as a plugin: OK, WARNING, CRITICAL or UNKNOWN, ends with 0, 1, 2 or 3",
        "как плагин: OK, WARNING, CRITICAL или UNKNOWN, код 0, 1, 2 или 3";
    "what it can find, with identifiers and remedies",
        "что можно найти, с идентификаторами и способами исправить";
    // orders, show, sync
    "List services with their certificates and orders", "Перечислить услуги с их сертификатами и заказами";
    "Only services in one of these states, separated by commas",
        "Только услуги в одном из этих состояний, через запятую";
    "Only services with this text in their names or order number",
        "Только услуги с этим текстом в именах или номере заказа";
    "Only services whose end date comes within so many days, or is past",
        "Только услуги, дата окончания которых наступит в ближайшие столько дней или уже прошла";
    "Only services that need a person's look", "Только услуги, требующие внимания";
    "A table shows what matters most in 80 columns; -o wide shows all in full. What is waited for is said with\nwhose turn it is; '!' marks what needs a person's look. Days and times are in UTC.",
        "Таблица показывает главное на 80 знаках; -o wide показывает всё целиком. Об ожидании сказано, чья\nочередь действовать; '!' отмечает то, что требует внимания. Дни и время указаны в UTC.";
    "Show everything about one service", "Показать всё об одной услуге";
    "Print the stored certificate and its chain only, in PEM, as a server takes them",
        "Вывести только сохранённый сертификат с цепочкой, в PEM, как их принимает сервер";
    "Ask the vendor about one service's order now", "Запросить у поставщика состояние заказа услуги сейчас";
    "Looks an unknown order up, fetches what the vendor wants published, saves the certificate once it is\nissued. Never orders.",
        "Ищет заказ, о котором неизвестно, дошёл ли он, получает данные для проверки домена, сохраняет выпущенный\nсертификат. Ничего не заказывает.";
    // plan
    "Show the coming reissues and renewals of services", "Показать предстоящие перевыпуски и продления услуг";
    "A row is a step; in JSON a service is one element, sorted by its next step. What has to be proved for a\nstep is in -o wide. Days are in UTC. What a vendor really issues may differ by hours; proofs may be asked\nfor earlier.",
        "Строка - это шаг; в JSON услуга - один элемент, по порядку ближайших шагов. Что нужно подтвердить для\nшага, показывает -o wide. Дни указаны в UTC. Срок выпущенного сертификата может отличаться на часы;\nподтверждения могут потребоваться раньше.";
    "the coming years of one service", "ближайшие годы одной услуги";
    "all services of an account", "все услуги обработчика";
    "what comes next, over all services", "что предстоит раньше всего, по всем услугам";
    // daemon
    "Follow pending orders and reissue certificates inside their paid term",
        "Следить за заказами и перевыпускать сертификаты внутри оплаченного срока";
    "One pass, then end", "Один проход и завершение";
    "Only tell what would be looked at; nothing is asked, nothing is changed",
        "Только показать, что было бы проверено; ничего не запрашивается и не меняется";
    "Only this service, whether or not its time has come", "Только эта услуга, даже если её время не пришло";
    "run until stopped (systemd: pmssl.service)", "работать до остановки (systemd: pmssl.service)";
    "one pass (cron, systemd timer)", "один проход (cron, таймер systemd)";
    "what a pass would look at", "что проверил бы проход";
    "Options of billmgr.conf:", "Параметры billmgr.conf:";
    // resolve, retry
    "Settle an order whose outcome is unknown", "Решить судьбу заказа, о котором неизвестно, дошёл ли он";
    "The order exists: its number as the vendor's panel shows it",
        "Заказ существует: его номер в панели поставщика";
    "Nothing was bought", "Ничего не куплено";
    "Orders that are somebody else's, separated by commas", "Чужие заказы, через запятую";
    "The vendor cannot be asked, and a person has looked in its panel",
        "Поставщика запросить нельзя, его панель просмотрена человеком";
    "Another order number in the place of the one that the service has",
        "Другой номер заказа вместо того, что есть у услуги";
    "The vendor is looked at first, and what it shows is listed. Look in its panel, too: search for the intent key\nthat the message or log names.",
        "Сначала запрашивается поставщик, и найденное у него выводится. Проверьте и его панель: ищите ключ записи\nо заказе, названный в сообщении или журнале.";
    "show what is known, change nothing", "показать, что известно, ничего не меняя";
    "the order exists: take it over", "заказ существует: принять его";
    "nothing was bought: allow a new attempt", "ничего не куплено: разрешить новую попытку";
    "nothing was bought: orders 55 and 56 are somebody else's", "ничего не куплено: заказы 55 и 56 чужие";
    "another order takes the place of the service's one", "другой заказ вместо того, что есть у услуги";
    "Restart operations that BILLmanager has stopped after failed tries",
        "Перезапустить операции, которые BILLmanager остановил после неудачных попыток";
    "Services that 'pmssl orders --stuck' lists or whose operation has stopped",
        "Услуги из списка 'pmssl orders --stuck' и услуги с остановленной операцией";
    "Services in one of these states, separated by commas", "Услуги в одном из этих состояний, через запятую";
    "This service, also while BILLmanager still runs its operation by itself",
        "Эта услуга, даже если BILLmanager ещё сам повторяет её операцию";
    "Show what would be restarted and what is left out, change nothing",
        "Показать, что было бы перезапущено и что пропущено, ничего не меняя";
    "BILLmanager stops an operation after ten failed tries, a renewal after the first one, and at once where the vendor\nrefused the order. Remove the cause first (top the account up, correct the data), then restart. Several conditions\nhave to hold together. Nothing is bought here: the operation runs in BILLmanager's queue and makes all its checks.",
        "BILLmanager останавливает операцию после десяти неудачных попыток, продление - после первой, а если заказ отклонил\nпоставщик, - сразу. Сначала устраните причину (пополните счёт, исправьте данные), затем перезапустите. Несколько\nусловий действуют вместе. Здесь ничего не покупается: операция выполняется в очереди BILLmanager со всеми проверками.";
    "Left out are orders whose outcome is unknown or that a person has to settle ('pmssl resolve'), services without an open\noperation, and, unless --item names them, operations that BILLmanager runs again by itself, orders that a former module may\nhave made, and operations beside a deletion: BILLmanager restarts all operations of a service.",
        "Пропускаются заказы с неизвестным исходом и те, судьбу которых решает человек ('pmssl resolve'), услуги без открытой\nоперации, а если услуга не названа ключом --item - операции, которые BILLmanager повторяет сам, заказы, которые мог сделать\nпрежний модуль, и операции рядом с удалением: BILLmanager перезапускает все операции услуги.";
    // forecast
    "Show how many reissues and renewals are coming, by week and vendor",
        "Показать, сколько перевыпусков и продлений предстоит, по неделям и поставщикам";
    "So many weeks, the current one included; 52 otherwise", "Число недель, считая текущую; по умолчанию 52";
    "Up to this day", "До этого дня";
    "a day is needed, such as 2029-12-31", "нужна дата, например 2029-12-31";
    "What 'pmssl plan' says of each service, counted: reissues by the lifetimes of their day, the vendor's\npractice, the paid term and the policy, and the renewal at the end of the paid term. Whether a client\nrenews is not known: what would follow is not counted. What is overdue counts in the current week.",
        "Подсчёт того, что 'pmssl plan' показывает по каждой услуге: перевыпуски по срокам действия на их день,\nпрактике поставщика, оплаченному сроку и политике, и продление в конце оплаченного срока. Продлит ли клиент\nуслугу, неизвестно: дальнейшее не считается. Просроченное относится к текущей неделе.";
    "certificates that are replaced inside the paid term, in the week from which that is due",
        "сертификаты, заменяемые в пределах оплаченного срока, в неделю, с которой это нужно";
    "of these: with the client, since the proof of the names or the company's verification is",
        "из них с участием клиента: подтверждение имён или проверка организации к тому времени";
    "too old by then, or the policy leaves the reissue to the client",
        "устареют, или по политике перевыпускает клиент";
    "of these: the vendor has no call for it, the administrator reissues (\"by hand\")",
        "из них: у поставщика нет такого запроса, перевыпускает администратор («вручную»)";
    "paid terms that end", "оплаченные сроки, которые заканчиваются";
    "certificates that end inside the paid term and that nobody replaces (policy none, or the",
        "сертификаты, которые заканчиваются в пределах оплаченного срока и никем не заменяются (политика none";
    "service is not active)", "или услуга не активна)";
    "services whose paid term is not known", "услуги с неизвестным оплаченным сроком";
    "A table has a row for each week and totals by vendor; CSV and JSON have one for each week and vendor,\nand one without a week for a vendor's unknown services. Weeks without any are left out. What a vendor\nreally issues may differ, and so may the law.",
        "В таблице строка на каждую неделю и итоги по поставщикам; в CSV и JSON - на каждую неделю и поставщика\nи одна без недели для услуг поставщика с неизвестным сроком. Пустые недели пропускаются. Поставщик может\nвыпустить и на другой срок; могут измениться и правила.";
    "the next 52 weeks", "ближайшие 52 недели";
    "what the lifetimes of 2027 and 2029 bring", "к чему приведут сроки действия 2027 и 2029 годов";
    // products --diff
    "The account; not needed with --diff", "Обработчик; с --diff не обязателен";
    "Compare with the tariffs that sell the products", "Сравнить с тарифами, которые продают эти продукты";
    "--diff lists what the tariffs of BILLmanager sell, at one account or at all, with the vendor's prices.\nThe tariffs' own prices are not compared: how BILLmanager stores the price of a year is not documented.\nNothing is written. Of each account, first comes what needs a look:",
        "--diff показывает, что продают тарифы BILLmanager, у одного обработчика или у всех, с ценами поставщика.\nЦены самих тарифов не сравниваются: как BILLmanager хранит цену за год, не документировано.\nНичего не записывается. Сначала у каждого обработчика то, на что стоит взглянуть:";
    "a tariff sells it, the vendor's list for this account does not have it",
        "продаётся тарифом, но в списке поставщика для этого обработчика его нет";
    "a tariff sells it, the module does not know it", "продаётся тарифом, но модуль его не знает";
    "the vendor has no list, or one by numbers of its own (GlobalSign, LeaderTelecom)",
        "у поставщика нет списка, или он с собственными номерами (GlobalSign, LeaderTelecom)";
    "a tariff sells it, the vendor lists it", "продаётся тарифом и есть у поставщика";
    "all accounts", "все обработчики";
    // rehearse
    "Run an ordering command up to the request that would be sent, and show it",
        "Выполнить заказ до запроса, который был бы отправлен, и показать этот запрос";
    "This service", "Эта услуга";
    "What is rehearsed; the service's queued operation otherwise",
        "Какая команда проверяется; если не указано - операция услуги из очереди";
    "Runs the ordering command with all its locks, checks and looks at the vendor, and stops where the first request would be\nsent that changes something there. That request is shown, masked, with what would have been written in BILLmanager before.\nNothing is sent that changes something, nothing is bought, nothing is written but the module's log. What depends on the\nanswer to that request cannot be rehearsed, nor whether BILLmanager takes the writes ('pmssl doctor').",
        "Выполняет команду заказа со всеми её блокировками, проверками и запросами к поставщику и останавливается там, где был бы\nотправлен первый запрос, который что-то у него меняет. Запрос выводится без секретов, вместе с тем, что до него было бы\nзаписано в BILLmanager. Запросы, которые что-то меняют у поставщика, не отправляются; ничего не покупается и\nне записывается, кроме журнала модуля. То, что зависит от ответа на этот запрос, заранее проверить нельзя, как и то,\nпримет ли BILLmanager записи ('pmssl doctor').";
    "Without --item, all services with a queued order, renewal or reissue. 'pmssl plan' shows what the daemon will reissue.",
        "Без --item - все услуги с заказом, продлением или перевыпуском в очереди. Что перевыпустит демон, покажет 'pmssl plan'.";
    // reissue
    "Have certificates reissued by the daemon, revoked ones first",
        "Поручить демону перевыпуск сертификатов, сначала отозванных";
    "This service, also after a refusal", "Эта услуга, в том числе после отказа";
    "Services whose certificate the vendor shows as revoked", "Услуги, чей сертификат у поставщика отозван";
    "Services whose certificate's issuer has this text in its name",
        "Услуги, в названии издателя сертификата которых есть этот текст";
    "Services whose certificate has one of these serial numbers, hexadecimal, one in a line",
        "Услуги, серийный номер сертификата которых есть в этом файле (шестнадцатеричный, по одному в строке)";
    "At most so many services now", "Не больше стольких услуг за раз";
    "The key is to blame: tell the clients to make a new CSR and to reissue with it; nothing is sent to the vendor",
        "Причина в ключе: попросить клиентов создать новый CSR и перевыпустить сертификат с ним; поставщику ничего не отправляется";
    "Take the wish back where nothing has begun", "Отменить перевыпуск там, где он не начат";
    "Show what would be done and what is left out, change nothing",
        "Показать, что было бы сделано и что пропущено, ничего не меняя";
    "Nothing is ordered here: the daemon ('pmssl daemon') takes up what is stored, in its next pass and at its pace\n(SSLDaemonOrders in an hour), whatever SSLSubscriptionPolicy says, and makes all its checks. Revoked certificates come\nfirst, then those that end first. Several conditions have to hold together. Called again, it leaves out what is stored,\nbegun or reissued already, and says so.",
        "Здесь ничего не заказывается: поручение сохраняется, и демон ('pmssl daemon') выполняет его при следующем проходе в своём\nтемпе (SSLDaemonOrders в час) при любом значении SSLSubscriptionPolicy и со всеми своими проверками. Сначала отозванные\nсертификаты, затем те, что раньше заканчиваются. Несколько условий действуют вместе. При повторном вызове уже порученное,\nначатое и перевыпущенное пропускается, и об этом сообщается.";
    // balance, products, metrics, capture
    "Show the balances at the vendors", "Показать балансы у поставщиков";
    "Asks the vendors and changes nothing.", "Запрашивает поставщиков и ничего не меняет.";
    "Show what a vendor sells to an account, with prices",
        "Показать, что поставщик продаёт обработчику, с ценами";
    "Only products whose code or name contains this text",
        "Только продукты, в коде или названии которых есть этот текст";
    "Prices are what the vendor asks of the account. \"in tariffs\" tells whether the module knows the\nproduct, so that a tariff can be made of it. A row is a price; in JSON a product is one element.",
        "Цены - те, что поставщик берёт с этого обработчика. \"в тарифах\" означает, что модуль знает этот\nпродукт и для него можно создать тариф. Строка - это цена; в JSON продукт - один элемент.";
    "Print services, certificates and balances for Prometheus",
        "Вывести услуги, сертификаты и балансы для Prometheus";
    "Always in Prometheus' text format. No vendor is asked; requests and balances are those that the daemon has counted.\nWith SSLMetricsFile FILE in billmgr.conf the daemon writes the same to a file.",
        "Всегда в текстовом формате Prometheus. К поставщикам не обращается; запросы и балансы - те, что учёл демон.\nЕсли в billmgr.conf указан SSLMetricsFile ФАЙЛ, демон пишет то же самое в файл.";
    "Record a vendor's harmless answers, masked, for the developers",
        "Записать безопасные ответы поставщика для разработчиков, скрыв личные данные";
    "Runs only calls that change nothing and cost nothing. Secrets, the account's identification, persons,\naddresses, telephone numbers and domain names are masked.",
        "Выполняет только запросы, которые ничего не меняют и ничего не стоят. Секреты, данные учётной записи, лица,\nадреса, телефоны и доменные имена скрываются.";
    // install, uninstall
    "Put the modules into the platform", "Установить модули в BILLmanager";
    "Only these modules, separated by commas", "Только эти модули, через запятую";
    "Copy the program instead of linking to it", "Скопировать программу, а не создать ссылку на неё";
    "Move files of somebody else out of the way", "Убрать в сторону чужие файлы на этих местах";
    "Take over the services of the platform vendor's own modules",
        "Принять услуги модулей разработчика BILLmanager";
    "Install under other names, beside the platform vendor's own modules",
        "Установить под другими именами, рядом с модулями разработчика BILLmanager";
    "SSLLockHost names another server for locks now, or none, on all nodes: go on with it",
        "SSLLockHost на всех узлах теперь указывает другой сервер для блокировок или ни одного: работать с ним";
    "Directory of the system's settings for units and log rotation; /etc for the usual root",
        "Каталог настроек системы для юнитов и ротации журналов; для обычного каталога BILLmanager - /etc";
    "Put the cron line that starts a pass of the daemon, for systems without systemd; it works at once",
        "Добавить строку cron, запускающую проход демона, если нет systemd; действует сразу";
    "Do not refresh the platform's caches", "Не обновлять кэш BILLmanager";
    "May be run again at any time: an upgrade renews what an earlier version installed and keeps all\nsettings, edited units and log rotation among them. Units of a package are used as they are.",
        "Можно выполнять повторно в любое время: при обновлении заменяется то, что установила прежняя версия, а все\nнастройки, в том числе изменённые юниты и ротация журналов, сохраняются. Юниты пакета используются как есть.";
    "--adopt takes over the services of the platform vendor's own modules: those modules are moved aside\n(as with --replace), accounts and services stay as they are, order numbers that are missing are asked\nfor at the vendor, and an order that may have been lost is handed to a person. Nothing is ordered.",
        "--adopt принимает услуги модулей разработчика BILLmanager: эти модули убираются в сторону (как с --replace),\nобработчики и услуги остаются как есть, недостающие номера заказов запрашиваются у поставщика, а заказ,\nкоторый мог потеряться, передаётся человеку. Ничего не заказывается.";
    "--beside installs under other names (pmssl_thesslstore, pmssl_globalsign, ...), so that the platform\nvendor's own modules go on working. --module takes these names as well as the plain ones.",
        "--beside устанавливает под другими именами (pmssl_thesslstore, pmssl_globalsign, ...), и модули разработчика\nBILLmanager продолжают работать. --module принимает и эти имена, и обычные.";
    "Take the modules out of the platform again", "Удалить модули из BILLmanager";
    "Remove modules that accounts use", "Удалить и модули, которые используются обработчиками";
    "Removes only what 'pmssl install' made and nobody changed since; what was changed is named and stays.\nLogs, accounts and services stay.",
        "Удаляет только то, что создала команда 'pmssl install' и никто не менял; изменённое называется и остаётся.\nЖурналы, обработчики и услуги остаются.";
    // modules, forms, completions, man
    "List the modules with their vendors, settings and number of products",
        "Перечислить модули с их поставщиками, настройками и числом продуктов";
    "Write the platform's XML forms of all modules into a directory",
        "Записать в каталог формы XML всех модулей для BILLmanager";
    "Directory to write into, usually /usr/local/mgr5/etc/xml",
        "Каталог для записи, обычно /usr/local/mgr5/etc/xml";
    "Print the completions for a shell", "Вывести автодополнение для оболочки";
    "The shell", "Оболочка";
    "Print the manual", "Вывести руководство";
    "The page of this subcommand; the main page otherwise",
        "Страница этой команды; если не указана - главная";
    "Write all pages into this directory", "Записать все страницы в этот каталог";
};
