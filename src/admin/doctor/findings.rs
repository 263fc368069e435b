//! Everything that `pmssl doctor` can find, in one table: identifier for monitoring, gravity, text and
//! remedy. `__1__` and `__2__` are filled in.

use std::collections::BTreeMap;

use super::super::output::View;
use crate::module::Text;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::admin) enum Gravity {
    /// As it should be.
    Good,
    /// To be looked at.
    Look,
    /// Broken.
    Bad,
}

impl Gravity {
    /// The word in JSON.
    pub(in crate::admin) fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Look => "look",
            Self::Bad => "bad",
        }
    }
}

/// One kind of finding.
#[derive(Debug)]
pub(in crate::admin) struct FindingKind {
    /// For monitoring; never changes.
    pub(in crate::admin) id: &'static str,
    /// How grave it is.
    pub(in crate::admin) gravity: Gravity,
    /// What was found.
    pub(in crate::admin) text: Text,
    /// What to do; empty for good ones.
    pub(in crate::admin) remedy: Text,
}

/// One finding.
#[derive(Debug)]
pub(in crate::admin) struct Finding {
    /// Its kind.
    pub(in crate::admin) kind: &'static FindingKind,
    /// What was found, filled in.
    pub(in crate::admin) text: String,
    /// What to do, filled in.
    pub(in crate::admin) remedy: String,
}

/// The list that grows while examining.
pub(in crate::admin) struct Findings<'a> {
    /// How the reader wants it.
    pub(in crate::admin) view: &'a View,
    /// All so far; of each kind the first [`SHOWN`].
    pub(in crate::admin) list: Vec<Finding>,
    /// How many of each kind there are, by identifier.
    pub(in crate::admin) counts: BTreeMap<&'static str, usize>,
}

/// So many findings of one kind are shown, the others counted: a large shop would bury what is rare.
pub(in crate::admin) const SHOWN: usize = 50;

impl<'a> Findings<'a> {
    /// None yet.
    pub(in crate::admin) fn new(view: &'a View) -> Self {
        Self {
            view,
            list: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// All that was found, shown or not.
    pub(in crate::admin) fn count(&self) -> usize {
        self.counts.values().sum()
    }

    /// The same of one gravity.
    pub(in crate::admin) fn count_of(&self, gravity: Gravity) -> usize {
        let kinds = ALL.iter().filter(|kind| kind.gravity == gravity);
        kinds.filter_map(|kind| self.counts.get(kind.id)).sum()
    }

    /// Kinds of which more was found than is shown, with the number of the others.
    pub(in crate::admin) fn hidden(&self) -> Vec<(&'static FindingKind, usize)> {
        let hidden = ALL.iter().filter_map(|kind| {
            let count = self.counts.get(kind.id)?.checked_sub(SHOWN)?;
            (count > 0).then_some((*kind, count))
        });
        hidden.collect()
    }

    /// Takes out what is good: it stands first in an answer, so that it may be told before the rest is known.
    pub(in crate::admin) fn take_good(&mut self) -> Vec<Finding> {
        let is_good = |finding: &Finding| finding.kind.gravity == Gravity::Good;
        let (good, others) = std::mem::take(&mut self.list)
            .into_iter()
            .partition(is_good);
        self.list = others;
        good
    }

    /// Adds one with its particulars.
    pub(in crate::admin) fn add(&mut self, kind: &'static FindingKind, first: &str, second: &str) {
        let count = self.counts.entry(kind.id).or_default();
        *count += 1;
        if *count > SHOWN {
            return;
        }
        let fill = |text: &Text| {
            let text = self.view.say(text);
            crate::logging::mask(&text.replace("__1__", first).replace("__2__", second))
        };
        self.list.push(Finding {
            kind,
            text: fill(&kind.text),
            remedy: fill(&kind.remedy),
        });
    }
}

macro_rules! kinds {
    ($( $name:ident, $gravity:ident, $id:literal, $en:literal, $ru:literal, $do_en:literal, $do_ru:literal; )*) => {
        $(
            pub(super) const $name: FindingKind = FindingKind {
                id: $id,
                gravity: Gravity::$gravity,
                text: Text::new($en, $ru),
                remedy: Text::new($do_en, $do_ru),
            };
        )*
        /// All kinds, for `--list` and tests.
        pub(super) const ALL: &[&FindingKind] = &[ $( &$name, )* ];
    };
}

kinds! {
    NO_ROOT, Bad, "no-root",
        "there is no BILLmanager in __1__, the directories etc and processing are missing", "в __1__ нет BILLmanager, отсутствуют каталоги etc и processing",
        "name its directory with --root or PMSSL_MGR_ROOT", "укажите его каталог через --root или PMSSL_MGR_ROOT";
    NOT_ROOT, Bad, "not-root",
        "user __1__ has no rights to BILLmanager's settings and key: nothing was examined", "у пользователя __1__ нет прав на настройки и ключ BILLmanager: ничего не проверено",
        "run it as root: __2__", "выполните от имени root: __2__";
    NO_MGRCTL, Bad, "no-mgrctl",
        "__1__ is not there or not executable: nothing can be told to the platform", "__1__ отсутствует или не исполняется: сообщить платформе ничего нельзя",
        "repair the platform's installation", "исправьте установку платформы";
    NO_MODULES, Bad, "no-modules",
        "none of the modules is installed in __1__", "в __1__ не установлен ни один модуль",
        "run 'pmssl install'", "выполните 'pmssl install'";
    MODULE_GOOD, Good, "module",
        "module __1__ is installed", "модуль __1__ установлен", "", "";
    MODULE_DANGLING, Bad, "module-dangling",
        "the link __1__ leads nowhere (__2__)", "ссылка __1__ никуда не ведёт (__2__)",
        "run 'pmssl install' with the program in its place", "верните программу на место и выполните 'pmssl install'";
    MODULE_NOT_EXECUTABLE, Bad, "module-not-executable",
        "__1__ is not executable (mode __2__)", "__1__ не исполняется (права __2__)",
        "run chmod 755 on it", "выполните для него chmod 755";
    MODULE_FOREIGN, Bad, "module-foreign",
        "__1__ is another program (__2__), not this one", "__1__ - другая программа (__2__), не эта",
        "if it is the platform's own module and pmssl shall serve it, run 'pmssl install --replace'; else leave it", "если это модуль самой платформы и его должна заменить pmssl, выполните 'pmssl install --replace'; иначе оставьте";
    MODULE_VERSION, Look, "module-version",
        "__1__ is a copy of another version of this program", "__1__ - копия другой версии этой программы",
        "run 'pmssl install' with the version you want", "выполните 'pmssl install' нужной версией";
    WRITABLE_BY_ALL, Bad, "writable-by-all",
        "__1__ can be changed by every user (mode __2__)", "__1__ может изменить любой пользователь (права __2__)",
        "run chmod o-w on it", "выполните для него chmod o-w";
    READABLE_BY_ALL, Look, "readable-by-all",
        "__1__ holds secrets and can be read by every user (mode __2__)", "__1__ содержит секреты и доступен на чтение всем (права __2__)",
        "run chmod 600 on it", "выполните для него chmod 600";
    SETTINGS_WRITABLE, Bad, "settings-writable",
        "others than root can change __1__ (user:group and mode __2__)", "изменить __1__ может не только root (пользователь:группа и права __2__)",
        "run 'chown root' and 'chmod go-w' on it: whoever can change it decides where orders and passwords go", "выполните для него 'chown root' и 'chmod go-w': кто может его изменить, решает, куда уходят заказы и пароли";
    FORM_GOOD, Good, "form",
        "the form of __1__ is current", "форма модуля __1__ актуальна", "", "";
    FORM_MISSING, Bad, "form-missing",
        "the form __1__ is missing: the platform cannot show the module's settings", "нет формы __1__: платформа не может показать настройки модуля",
        "run 'pmssl install'", "выполните 'pmssl install'";
    FORM_OLD, Look, "form-old",
        "the form __1__ is not the one of this version", "форма __1__ не соответствует этой версии",
        "run 'pmssl install'", "выполните 'pmssl install'";
    FORM_ALONE, Look, "form-alone",
        "the form __1__ is there, but its module is not installed", "форма __1__ есть, а модуль не установлен",
        "run 'pmssl install' or remove the form", "выполните 'pmssl install' или удалите форму";
    DEBUG_CONF, Look, "debug-conf",
        "__1__: __2__", "__1__: __2__",
        "correct the line; it has no effect now", "исправьте строку; сейчас она не действует";
    OPTION, Look, "option",
        "__1__: __2__", "__1__: __2__",
        "correct the line; the default is in force now", "исправьте строку; сейчас действует значение по умолчанию";
    OPTION_BROKEN, Bad, "option-broken",
        "__1__: __2__", "__1__: __2__",
        "correct the line: orders fail with it", "исправьте строку: с ней заказы не выполняются";
    CONF_UNREADABLE, Bad, "conf-unreadable",
        "__1__ cannot be read: __2__", "не удалось прочитать __1__: __2__",
        "correct its owner and mode", "исправьте владельца и права";
    CONF_GOOD, Good, "conf",
        "__1__ is understood", "файл __1__ понятен", "", "";
    DATABASE_GOOD, Good, "database",
        "the database at __1__ can be read", "база данных __1__ читается", "", "";
    DATABASE, Bad, "database-failed",
        "__1__", "__1__",
        "check DBHost, DBUser, DBPassword, DBName and DBSocket in etc/billmgr.conf.d/db.conf and that the server runs", "проверьте DBHost, DBUser, DBPassword, DBName и DBSocket в etc/billmgr.conf.d/db.conf и работу сервера";
    DATABASE_PLAIN, Look, "database-plain",
        "the database server __1__ is on another machine, and the connection to it is not encrypted: clients' data can be read on the way", "сервер базы данных __1__ находится на другой машине, а соединение с ним не зашифровано: данные клиентов могут прочитать по пути",
        "switch TLS on at the server, then set SSLDBTls require in etc/billmgr.conf, or SSLDBTls verify with SSLDBCaFile", "включите TLS на сервере и задайте в etc/billmgr.conf SSLDBTls require либо SSLDBTls verify с SSLDBCaFile";
    LOCKS_GOOD, Good, "locks",
        "the database's locks keep commands apart", "блокировки базы данных разделяют команды", "", "";
    LOCKS, Bad, "locks-do-not-hold",
        "nothing can be ordered: the database server's locks do not keep two commands apart: __1__", "заказать ничего нельзя: блокировки сервера базы данных не разделяют две команды: __1__",
        "let all nodes of BILLmanager use one ordinary database server (it may have replicas) without a proxy that shares connections, and name it in etc/billmgr.conf.d/db.conf; on a cluster, name one server for the locks as SSLLockHost in etc/billmgr.conf, the same on every node", "пусть все узлы BILLmanager работают с одним обычным сервером базы данных (реплики допустимы) без прокси, разделяющего соединения; укажите его в etc/billmgr.conf.d/db.conf; в кластере укажите в etc/billmgr.conf один сервер для блокировок параметром SSLLockHost, одинаковым на всех узлах";
    LOCK_HOST, Bad, "lock-host-failed",
        "__1__", "__1__",
        "start the database server that SSLLockHost names and let the login of etc/billmgr.conf.d/db.conf in from this machine, or correct SSLLockHost in etc/billmgr.conf on every node", "запустите сервер базы данных, указанный в SSLLockHost, и разрешите логину из etc/billmgr.conf.d/db.conf подключаться с этой машины либо исправьте SSLLockHost в etc/billmgr.conf на всех узлах";
    PARAMETER_INDEX, Look, "parameter-index",
        "the table itemparam has no index that begins with its column item: everything about one service is a walk through the parameters of the whole shop", "в таблице itemparam нет индекса, который начинается со столбца item: чтобы узнать что-либо об одной услуге, сервер просматривает параметры всех",
        "ask the makers of BILLmanager whether the index was lost; 'CREATE INDEX itemparam_item ON itemparam (item)' in the platform's database makes it, which pmssl never does by itself", "спросите разработчиков BILLmanager, не потерян ли индекс; его создаёт 'CREATE INDEX itemparam_item ON itemparam (item)' в базе данных платформы, сама pmssl этого не делает";
    KEY_GOOD, Good, "key",
        "the key __1__ can be used", "ключ __1__ пригоден", "", "";
    KEY, Bad, "key-failed",
        "__1__", "__1__",
        "restore the platform's key file (option CryptKey); without it no account setting can be decrypted", "восстановите файл ключа платформы (параметр CryptKey); без него не расшифровать ни одной настройки";
    NO_ACCOUNTS, Look, "no-accounts",
        "no account of an SSL module is configured in BILLmanager", "в BILLmanager не настроен ни один обработчик модулей SSL",
        "add one in the platform: Integration, Processing modules", "добавьте его в платформе: Интеграция - Модули обработки";
    ACCOUNT_GOOD, Good, "account",
        "the settings of account __1__ can be read and are complete", "настройки обработчика __1__ читаются и заполнены", "", "";
    ACCOUNT_SECRET, Bad, "account-secret",
        "account __1__: __2__", "обработчик __1__: __2__",
        "enter the secret anew in the account's settings, or restore the key file it was made with", "введите секрет в настройках обработчика заново или верните файл ключа, которым он зашифрован";
    ACCOUNT_SETTINGS, Bad, "account-settings",
        "account __1__: __2__", "обработчик __1__: __2__",
        "correct the account's settings in the platform", "исправьте настройки обработчика в платформе";
    LOG_GOOD, Good, "log",
        "logs can be written to __1__", "журналы можно писать в __1__", "", "";
    LOG, Bad, "log-failed",
        "__1__ cannot be written: __2__", "не удаётся писать в __1__: __2__",
        "make the directory if it is missing, correct owner and mode, or free the disk", "создайте каталог, если его нет, исправьте владельца и права или освободите диск";
    PATH, Bad, "path-unusable",
        "__1__ is needed and cannot be used: __2__", "__1__ нужен для работы, но непригоден: __2__",
        "move away what stands in its place, pmssl makes it anew; or correct owner and mode, or make the file system writable", "уберите то, что стоит на его месте, pmssl создаст его заново, либо исправьте владельца и права или сделайте файловую систему доступной для записи";
    DISK_GOOD, Good, "disk",
        "__1__ MiB are free on the disk of __2__", "на диске с __2__ свободно __1__ МиБ", "", "";
    DISK_LOW, Look, "disk-low",
        "only __1__ MiB are free on the disk of __2__", "на диске с __2__ свободно всего __1__ МиБ",
        "free some space", "освободите место";
    DISK_FULL, Bad, "disk-full",
        "only __1__ MiB are free on the disk of __2__: logs and spool will fail", "на диске с __2__ свободно всего __1__ МиБ: журналы и спул не запишутся",
        "free space now", "немедленно освободите место";
    CLOCK_GOOD, Good, "clock",
        "the clock is plausible (__1__)", "часы правдоподобны (__1__)", "", "";
    CLOCK, Bad, "clock-wrong",
        "the clock says __1__, but __2__", "часы показывают __1__, но __2__",
        "set the clock and switch time synchronization on (timedatectl set-ntp true)", "установите часы и включите синхронизацию (timedatectl set-ntp true)";
    ROOTS, Bad, "roots",
        "the root certificates of __1__ cannot be used: __2__", "корневые сертификаты из __1__ непригодны: __2__",
        "correct the option (SSLCaFile or SSLDBCaFile) in billmgr.conf or the file", "исправьте параметр (SSLCaFile или SSLDBCaFile) в billmgr.conf или сам файл";
    ROOTS_EXPIRED, Look, "roots-expired",
        "__2__ of the root certificates in __1__ are over", "в __1__ закончился срок корневых сертификатов: __2__",
        "replace them in the file", "замените их в файле";
    ROOTS_GOOD, Good, "roots-known",
        "vendors are recognized by __1__ built-in root certificates and __2__ of SSLCaFile", "поставщики распознаются по корневым сертификатам: встроенных __1__, из SSLCaFile __2__", "", "";
    CORRECTIONS, Bad, "corrections",
        "the corrections in __1__ are wrong: __2__", "поправки в __1__ неверны: __2__",
        "correct the lines or remove the file: nothing is ordered with it", "исправьте строки или удалите файл: с ним ничего не заказывается";
    PLATFORM_GOOD, Good, "platform",
        "the platform answers", "платформа отвечает", "", "";
    PLATFORM_AWAY, Bad, "platform-away",
        "the platform does not answer: __1__", "платформа не отвечает: __1__",
        "start the panel: certificates and order numbers are saved through it", "запустите панель: через неё сохраняются сертификаты и номера заказов";
    VERSION_GOOD, Good, "platform-version",
        "the platform's version: __1__", "версия платформы: __1__", "", "";
    VERSION_UNKNOWN, Good, "platform-version-unknown",
        "the platform's version is not known: no package of it is installed here", "версия платформы неизвестна: здесь не установлен её пакет", "", "";
    VERSION_OTHER, Look, "platform-version-other",
        "the platform's version is __1__, this program was made for __2__", "версия платформы __1__, программа создана для __2__",
        "try one order before you sell, and tell the developers", "проверьте на одном заказе, прежде чем продавать, и сообщите разработчикам";
    POLICY_GOOD, Good, "policy",
        "the reissue policy in force: __1__, read from __2__; the choice in BILLmanager's interface is not read", "действующая политика перевыпуска: __1__, источник: __2__; выбор в интерфейсе BILLmanager не читается", "", "";
    POLICY_UNKNOWN, Look, "policy-unknown",
        "the reissue policy cannot be asked for (__1__): in force is __2__", "не удалось запросить политику перевыпуска (__1__): действует __2__",
        "let the panel answer func=paramlist, or set SSLSubscriptionPolicy and SSLSubscriptionBefore in etc/billmgr.conf", "восстановите ответ панели на func=paramlist или задайте SSLSubscriptionPolicy и SSLSubscriptionBefore в etc/billmgr.conf";
    DAEMON_GOOD, Good, "daemon",
        "the daemon looked last at __1__", "последний проход демона: __1__", "", "";
    DAEMON_NEVER, Look, "daemon-never",
        "the daemon has never run here: orders are followed by the platform alone, and certificates inside a longer paid term are not reissued", "демон здесь ни разу не работал: за заказами следит только платформа, а сертификаты внутри оплаченного срока не перевыпускаются",
        "run 'systemctl enable --now pmssl', or 'pmssl install --cron' where there is no systemd", "выполните 'systemctl enable --now pmssl' или, если нет systemd, 'pmssl install --cron'";
    DAEMON_STOPPED, Bad, "daemon-stopped",
        "the daemon's last pass: __1__, it should come every __2__ seconds", "последний проход демона: __1__, а нужен каждые __2__ с",
        "run 'systemctl status pmssl' and 'pmssl daemon --once', and read var/pmssl.log", "выполните 'systemctl status pmssl' и 'pmssl daemon --once' и прочтите var/pmssl.log";
    DO_NOTHING, Bad, "do-nothing",
        "__1__ exists: all modules succeed without doing anything", "есть файл __1__: все модули ничего не делают и сообщают об успехе",
        "remove it when the maintenance is over", "удалите его по окончании обслуживания";
    SPOOL, Look, "spool",
        "__1__ holds an order that the platform was not told yet", "в __1__ лежит заказ, о котором платформа ещё не знает",
        "run 'pmssl sync --item __2__'", "выполните 'pmssl sync --item __2__'";
    INTENT_UNKNOWN, Bad, "intent-unknown",
        "service __1__: it is not known whether the order arrived (intent __2__)", "услуга __1__: неизвестно, дошёл ли заказ (намерение __2__)",
        "run 'pmssl sync --item __1__'; if it cannot tell, 'pmssl resolve --item __1__'", "выполните 'pmssl sync --item __1__'; если не поможет, 'pmssl resolve --item __1__'";
    INTENT_UNREADABLE, Bad, "intent-unreadable",
        "service __1__: the stored intent cannot be read", "услуга __1__: сохранённое намерение не читается",
        "a newer version wrote it, or a person changed it: use that version again, or settle it with 'pmssl resolve --item N'; nothing is ordered until then", "его записала более новая версия или изменил человек: верните ту версию или решите командой 'pmssl resolve --item N'; до этого ничего не заказывается";
    STUCK, Look, "service-stuck",
        "service __1__: __2__", "услуга __1__: __2__",
        "see 'pmssl show --item __1__'", "см. 'pmssl show --item __1__'";
    ORDER_SHARED, Bad, "order-shared",
        "order __1__ is that of services __2__ at once: only one of them gets its certificate", "заказ __1__ числится сразу за услугами __2__: сертификат получит только одна из них",
        "find out at the vendor whose CSR it has, and give the other service its own order: 'pmssl resolve --item N --replace ORDER'", "выясните у поставщика, чей в нём CSR, и укажите другой услуге её собственный заказ: 'pmssl resolve --item N --replace ORDER'";
    MAIL_PROOF, Look, "mail-proof",
        "services proved by e-mail and paid beyond the day on which that ends (2028-03-15): __1__; their products without another method: __2__", "услуги с подтверждением по e-mail, оплаченные дольше, чем оно действует (до 2028-03-15): __1__; их продукты без другого способа: __2__",
        "let clients choose a DNS record or a file at the next reissue; at GlobalSign and eNom a reissue keeps the method: it is chosen at the next renewal or changed with the vendor. From that day on pmssl changes the method by itself where the product has another one and the vendor takes it. Sell products that have one", "пусть клиенты при следующем перевыпуске выберут запись DNS или файл; у GlobalSign и eNom перевыпуск способ не меняет: его выбирают при следующем продлении или меняют у поставщика. С этого дня pmssl сама сменит способ, если у продукта есть другой и поставщик его примет. Продавайте продукты, у которых он есть";
    LONG_TERMS, Look, "long-terms",
        "services that are ordered for more than a year at a time of products that DigiCert sells for one year (longer on request only): __1__; their products: __2__", "услуги с заказом более чем на год по продуктам, которые DigiCert продаёт на год (дольше - только по запросу): __1__; их продукты: __2__",
        "ask the vendor whether it still sells these terms to you; else offer a period of one year in the tariffs", "спросите поставщика, продаёт ли он вам ещё такие сроки; если нет, оставьте в тарифах период в один год";
    OTHER_KEY, Look, "certificate-other-key",
        "service __1__: the certificate that is stored for it is of another key than its CSR (order __2__)", "услуга __1__: сохранённый для неё сертификат выпущен для другого ключа, чем её CSR (заказ __2__)",
        "find out at the vendor whose order it is: another one takes its place with 'pmssl resolve --item __1__ --replace ORDER'; where only the CSR was changed, let the client reissue", "выясните у поставщика, чей это заказ: другой ставится на его место командой 'pmssl resolve --item __1__ --replace НОМЕР'; если изменён только CSR, пусть клиент перевыпустит сертификат";
    NEAR_END, Look, "near-end",
        "service __1__: the certificate expires on __2__ and no new one is in hand", "услуга __1__: срок действия сертификата истекает __2__, нового ещё нет",
        "renew the service or let the client know", "продлите услугу или предупредите клиента";
    NEAR_END_PAID, Look, "near-end-paid",
        "service __1__: the certificate expires on __2__ although the service is paid for longer, and no new one is in hand", "услуга __1__: срок действия сертификата истекает __2__, хотя услуга оплачена дальше, а нового ещё нет",
        "see in 'pmssl show --item __1__' who acts: if pmssl does, run 'pmssl daemon --once'; under SSLSubscriptionPolicy manual or none the client reissues the certificate in BILLmanager", "посмотрите в 'pmssl show --item __1__', кто действует: если pmssl, выполните 'pmssl daemon --once'; при SSLSubscriptionPolicy manual или none сертификат перевыпускает клиент в BILLmanager";
    ENDING_PAID, Bad, "ending-paid",
        "service __1__: the certificate expires on __2__ although the service is paid for longer, little time is left, and nobody is at work on a new one", "услуга __1__: срок действия сертификата истекает __2__, хотя услуга оплачена дальше; времени мало, а новым никто не занят",
        "see in 'pmssl show --item __1__' who acts: if pmssl does, run 'pmssl daemon --once'; under SSLSubscriptionPolicy manual or none the client reissues the certificate in BILLmanager, or you start the reissue there", "посмотрите в 'pmssl show --item __1__', кто действует: если pmssl, выполните 'pmssl daemon --once'; при SSLSubscriptionPolicy manual или none сертификат перевыпускает клиент в BILLmanager, или запустите перевыпуск там сами";
    OVER, Bad, "over",
        "service __1__: the certificate expired on __2__", "услуга __1__: срок действия сертификата истёк __2__",
        "renew the service or delete it", "продлите услугу или удалите её";
    OVER_PAID, Bad, "over-paid",
        "service __1__: the certificate expired on __2__ although the service is paid for longer", "услуга __1__: срок действия сертификата истёк __2__, хотя услуга оплачена дальше",
        "see in 'pmssl show --item __1__' who acts: if pmssl does, run 'pmssl daemon --once'; under SSLSubscriptionPolicy manual or none the client reissues the certificate in BILLmanager", "посмотрите в 'pmssl show --item __1__', кто действует: если pmssl, выполните 'pmssl daemon --once'; при SSLSubscriptionPolicy manual или none сертификат перевыпускает клиент в BILLmanager";
    SERVICES_GOOD, Good, "services",
        "__1__ services, none needs a person's look", "услуг: __1__, ни одна не требует внимания", "", "";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_findings_of_a_kind_the_first_are_shown_and_all_are_counted() {
        let view = View {
            language: crate::failure::Language::English,
            json: false,
            color: false,
        };
        let mut findings = Findings {
            view: &view,
            list: Vec::new(),
            counts: BTreeMap::new(),
        };
        for number in 0..SHOWN + 7 {
            findings.add(&STUCK, &number.to_string(), "");
        }
        for _ in 0..SHOWN {
            findings.add(&OVER, "1", "2026-01-01");
        }
        assert_eq!(findings.list.len(), 2 * SHOWN);
        assert_eq!(findings.count(), 2 * SHOWN + 7);
        assert_eq!(findings.count_of(Gravity::Look), SHOWN + 7);
        let hidden: Vec<_> = findings
            .hidden()
            .iter()
            .map(|(kind, count)| (kind.id, *count))
            .collect();
        assert_eq!(hidden, [("service-stuck", 7)]);
    }

    /// What is good may be told early: it is taken out in its order, and counts as before.
    #[test]
    fn what_is_good_is_taken_out_and_still_counts() {
        let view = View {
            language: crate::failure::Language::English,
            json: false,
            color: false,
        };
        let mut findings = Findings::new(&view);
        findings.add(&STUCK, "1", "");
        findings.add(&SERVICES_GOOD, "7", "");
        findings.add(&OVER, "2", "2026-01-01");
        findings.add(&PLATFORM_GOOD, "", "");
        let ids = |list: &[Finding]| -> Vec<&str> {
            list.iter().map(|finding| finding.kind.id).collect()
        };
        let good = findings.take_good();
        assert_eq!(ids(&good), [SERVICES_GOOD.id, PLATFORM_GOOD.id]);
        assert_eq!(ids(&findings.list), [STUCK.id, OVER.id]);
        assert_eq!(findings.count_of(Gravity::Good), 2);
        assert_eq!(findings.take_good().len(), 0);
    }

    #[test]
    fn identifiers_are_unique_and_every_trouble_has_a_remedy_in_both_languages() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in ALL {
            assert!(seen.insert(kind.id), "{} twice", kind.id);
            let good = kind.gravity == Gravity::Good;
            assert_eq!(kind.remedy.en.is_empty(), good, "{}", kind.id);
            assert_eq!(kind.remedy.ru.is_empty(), good, "{}", kind.id);
            for mark in ["__1__", "__2__"] {
                let has = |text: &str| text.contains(mark);
                assert_eq!(has(kind.text.en), has(kind.text.ru), "{}", kind.id);
                assert_eq!(has(kind.remedy.en), has(kind.remedy.ru), "{}", kind.id);
            }
        }
    }
}
