//! Every reason to fail, with its kind, the platform's error type and both texts: the only place of
//! user-visible error wording. The module's XML forms carry the same texts as `msg_error_<type>`.

use super::{FailureKind, Language};

macro_rules! reasons {
    ($( $(#[$doc:meta])* $reason:ident, $kind:ident, $type:literal, $english:literal, $russian:literal; )*) => {
        /// Why something failed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason { $( $(#[$doc])* $reason, )* }

        // No text lacks a language.
        $( const _: () = crate::domain::text::must_be_a_pair($english, $russian); )*

        impl Reason {
            /// All reasons, for the generated message forms.
            pub const ALL: &'static [Self] = &[ $( Self::$reason, )* ];

            /// What happens next.
            #[must_use]
            pub fn kind(self) -> FailureKind {
                match self { $( Self::$reason => FailureKind::$kind, )* }
            }

            /// The platform's error type (`error@type`, billmanager.md 9.1).
            #[must_use]
            pub fn type_name(self) -> &'static str {
                match self { $( Self::$reason => $type, )* }
            }

            /// The text with its placeholders `__object__`, `__value__`, `__detail__`.
            #[must_use]
            pub fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $( (Self::$reason, Language::English) => $english,
                       (Self::$reason, Language::Russian) => $russian, )*
                }
            }
        }
    };
}

reasons! {
    /// A required command line argument or field of the order is missing.
    Missing, Input, "pmssl_missing",
        "'__object__' is missing: fill it in and run the operation again. __detail__",
        "Не заполнено поле '__object__': заполните его и повторите операцию. __detail__";
    /// An administrator's command lacks an option.
    Usage, Input, "pmssl_usage",
        "the command needs __object__. __detail__",
        "Команде нужно: __object__. __detail__";
    /// A field has a value that cannot be right.
    Invalid, Input, "pmssl_invalid",
        "'__object__' has an invalid value '__value__': correct it and run the operation again. __detail__",
        "Недопустимое значение '__value__' в поле '__object__': исправьте его и повторите операцию. __detail__";
    /// The XML document on stdin cannot be read.
    BrokenInput, Input, "pmssl_broken_input",
        "the document on standard input cannot be read: __detail__",
        "Не удалось прочитать документ на стандартном вводе: __detail__";
    /// The command is not one that this module knows.
    UnknownCommand, Input, "pmssl_unknown_command",
        "the command '__value__' is not known to this module",
        "Команда '__value__' неизвестна модулю";
    /// The item does not exist.
    UnknownItem, Input, "pmssl_unknown_item",
        "there is no service with id __value__ in BILLmanager",
        "В BILLmanager нет услуги с ID __value__";
    /// The account does not exist.
    UnknownAccount, Input, "pmssl_unknown_account",
        "there is no processing module account with id __value__ in BILLmanager",
        "В BILLmanager нет обработчика с ID __value__";
    /// The item or account belongs to another module.
    ForeignModule, Input, "pmssl_foreign_module",
        "'__object__' belongs to the processing module '__value__': nothing was done. __detail__",
        "'__object__' относится к модулю обработки '__value__': ничего не сделано. __detail__";
    /// The service has no CSR.
    MissingCsr, Input, "pmssl_missing_csr",
        "the service has no certificate signing request (CSR): ask the client to add one, then run the operation again",
        "У услуги нет запроса на сертификат (CSR): попросите клиента добавить его и повторите операцию";
    /// The CSR cannot be read or its signature is wrong.
    BadCsr, Input, "pmssl_bad_csr",
        "the certificate signing request (CSR) cannot be used: __detail__. Create a new one and run the operation again",
        "Запрос на сертификат (CSR) непригоден: __detail__. Создайте новый и повторите операцию";
    /// The key of the CSR is too weak or of an unusual kind.
    WeakKey, Input, "pmssl_weak_key",
        "the key of the certificate signing request (CSR) is not accepted: __detail__. Create a CSR with RSA 2048 to 8192 bits or EC P-256 or P-384",
        "Ключ запроса на сертификат (CSR) не подходит: __detail__. Создайте CSR с ключом RSA от 2048 до 8192 бит либо EC P-256 или P-384";
    /// A name does not fit the product.
    NameNotAllowed, Input, "pmssl_name_not_allowed",
        "the name '__value__' in '__object__' does not fit the product: __detail__",
        "Имя '__value__' в поле '__object__' не подходит для продукта: __detail__";
    /// More names than were ordered.
    TooManyNames, Input, "pmssl_too_many_names",
        "'__object__' holds more additional names than were ordered: __detail__",
        "В поле '__object__' больше дополнительных имён, чем заказано: __detail__";
    /// More UC names than the addon for them sold.
    UcNamesShort, Input, "pmssl_uc_names_short",
        "'__object__' holds more UC names (www, mail, owa, autodiscover of the domain) than were ordered with the addon for UC names: __detail__. Order more of them or remove names",
        "В поле '__object__' больше имён UC (www, mail, owa, autodiscover домена), чем заказано в дополнении для имён UC: __detail__. Закажите больше или уберите лишние имена";
    /// More other additional names than the addon for them sold.
    OtherNamesShort, Input, "pmssl_other_names_short",
        "'__object__' holds more additional names (UC names not counted) than were ordered with the addon for additional domains: __detail__. Order more of them or remove names",
        "В поле '__object__' больше дополнительных имён (без имён UC), чем заказано в дополнении для дополнительных доменов: __detail__. Закажите больше или уберите лишние имена";
    /// The approver address is not among the vendor's.
    ApproverNotAllowed, Input, "approver",
        "the approver address '__value__' is not allowed: choose one of: __detail__",
        "Адрес подтверждения '__value__' не разрешён: выберите один из: __detail__";
    /// The template is unknown to the module.
    UnknownTemplate, Input, "pmssl_unknown_template",
        "the product code '__value__' is not one of this module: correct the tariff",
        "Код продукта '__value__' не относится к этому модулю: исправьте тариф";
    /// The term is not one the vendor sells.
    BadTerm, Input, "pmssl_bad_term",
        "the period '__value__' cannot be ordered: __detail__",
        "Период '__value__' нельзя заказать: __detail__";
    /// Plain http to another machine.
    InsecureAddress, Input, "pmssl_insecure_address",
        "the address '__value__' in '__object__' must begin with https://: plain http is accepted for this machine only",
        "Адрес '__value__' в поле '__object__' должен начинаться с https://: http допустим только для этой же машины";
    /// The vendor refused a later step of an order that is paid for.
    PaidStepRefused, Input, "pmssl_paid_step_refused",
        "order __value__ is paid for and kept, but the vendor refused its step '__object__': __detail__. Correct the data and run the operation again, nothing will be bought anew",
        "Заказ __value__ оплачен и сохранён, но поставщик отклонил его шаг '__object__': __detail__. Исправьте данные и повторите операцию, новой покупки не будет";
    /// What the account holds has changed since an order was prepared; the next run prepares it anew.
    AccountChanged, Input, "pmssl_books_changed",
        "nothing was sent: new orders of this product appeared in the account while this one was prepared. Run the operation again. __detail__",
        "Ничего не отправлено: после подготовки заказа в учётной записи появились другие заказы этого продукта. Повторите операцию. __detail__";

    /// The vendor said no. Says nothing of a purchase: questions are refused, too.
    Rejected, Rejected, "pmssl_rejected",
        "the vendor refused the request: __detail__",
        "Поставщик отклонил запрос: __detail__";
    /// The vendor refused a paid call. Made by [`Failure::ended_the_purchase`](super::Failure::ended_the_purchase) alone.
    NothingBought, Rejected, "pmssl_nothing_bought",
        "the vendor refused the request and nothing was bought: __detail__",
        "Поставщик отклонил запрос, ничего не куплено: __detail__";
    /// The vendor cancelled or rejected the order after it was placed.
    OrderDead, Rejected, "pmssl_order_dead",
        "order __value__ was cancelled at the vendor: __detail__",
        "Заказ __value__ отменён у поставщика: __detail__";
    /// An operation would buy something for a deleted service.
    ServiceDeleted, Rejected, "pmssl_service_deleted",
        "service __value__ is deleted: nothing is bought for it. Remove the operation, or restore the service first",
        "Услуга __value__ удалена: для неё ничего не покупается. Удалите операцию или сначала восстановите услугу";

    /// The vendor refused the credentials.
    BadCredentials, Auth, "invalid_login_or_passwd",
        "the vendor does not accept the credentials of the account: check them in the processing module's settings. __detail__",
        "Поставщик не принимает учётные данные: проверьте настройки модуля обработки. __detail__";
    /// The vendor refuses this address of ours.
    AddressNotAllowed, Auth, "pmssl_address_not_allowed",
        "the vendor does not accept requests from this server's address: add it to the allow-list in the vendor's panel. __detail__",
        "Поставщик не принимает запросы с адреса этого сервера: добавьте его в список разрешённых в панели поставщика. __detail__";
    /// The account is locked.
    AccountLocked, Auth, "pmssl_account_locked",
        "the account is locked at the vendor: ask the vendor to unlock it. __detail__",
        "Учётная запись заблокирована у поставщика: обратитесь к поставщику. __detail__";
    /// The vendor's account wants a second factor.
    TwoFactorOn, Auth, "pmssl_two_factor",
        "two-factor authentication is on for the account at the vendor, so programs cannot use it: switch it off there. __detail__",
        "У поставщика для учётной записи включена двухфакторная аутентификация, поэтому программы не могут её использовать: отключите её там. __detail__";
    /// The account has no right to a call.
    NoAccess, Auth, "pmssl_no_access",
        "the account has no right to '__object__' at the vendor: ask the vendor for it. __detail__",
        "У учётной записи нет права на '__object__' у поставщика: запросите его у поставщика. __detail__";

    /// Not enough money.
    LowFunds, Funds, "pmssl_low_funds",
        "the balance at the vendor is not enough for the order: top it up and run the operation again. __detail__",
        "На счёте у поставщика недостаточно средств: пополните его и повторите операцию. __detail__";

    /// The order is not ready.
    NotReady, Pending, "pmssl_not_ready",
        "order __value__ is not ready for this yet: __detail__",
        "Заказ __value__ ещё не готов для этой операции: __detail__";
    /// Another process works on the item.
    Busy, Pending, "pmssl_busy",
        "another command is working on service __value__: run the operation again when it has ended",
        "С услугой __value__ уже работает другая команда: повторите операцию после её завершения";
    /// Another command buys through the same account, at a vendor whose purchases cannot be told apart.
    AccountBusy, Pending, "pmssl_account_busy",
        "another command is buying through account __value__, and this vendor's purchases cannot be told apart: run the operation again when it has ended. __detail__",
        "Через учётную запись __value__ уже покупает другая команда, а покупки у этого поставщика неразличимы: повторите операцию после её завершения. __detail__";

    /// The vendor cannot be reached.
    Unreachable, Transient, "client",
        "the vendor cannot be reached: __detail__. Check the address in the settings and this server's outgoing connections",
        "Не удалось связаться с поставщиком: __detail__. Проверьте адрес в настройках и исходящий доступ с сервера";
    /// This process was stopped between the stored intent and the paid call.
    StoppedTooLong, Transient, "pmssl_stopped_too_long",
        "this command was stopped for too long, and its request was not sent. The operation will be run again",
        "Команда была приостановлена слишком надолго, и её запрос не отправлен. Операция будет повторена";
    /// The vendor's server does not prove itself, or speaks no TLS.
    NoSecureConnection, Transient, "pmssl_no_secure_connection",
        "no secure connection to the vendor can be made, and nothing was sent: __detail__",
        "Не удалось установить защищённое соединение с поставщиком, ничего не отправлено: __detail__";
    /// The vendor answered, but not usefully.
    VendorTrouble, Transient, "pmssl_vendor_trouble",
        "the vendor's service is in trouble: __detail__. The operation will be run again",
        "Служба поставщика не отвечает должным образом: __detail__. Операция будет повторена";

    /// The vendor's clock and this machine's cannot both be right.
    ClocksDiffer, Transient, "pmssl_clocks_differ",
        "nothing was sent, because the vendor's clock and this server's differ by more than a day: __detail__. Correct this server's clock if it is wrong; the operation will be run again",
        "Ничего не отправлено: часы поставщика и этого сервера расходятся больше чем на сутки: __detail__. Если часы сервера неверны, исправьте их; операция будет повторена";

    /// A paid call may have arrived.
    OutcomeUnknown, Unknown, "pmssl_outcome_unknown",
        "it is not known whether the order arrived at the vendor, and it will not be sent again before that is known (intent __value__): __detail__",
        "Неизвестно, дошёл ли заказ до поставщика; до выяснения он не будет отправлен снова (запись о заказе __value__): __detail__";
    /// A person has to say whether the order exists.
    OutcomeForPerson, Unknown, "pmssl_outcome_for_person",
        "it cannot be found out whether the order arrived at the vendor (intent __value__): look in the vendor's panel, then run 'pmssl resolve'. __detail__",
        "Не удалось выяснить, дошёл ли заказ до поставщика (запись о заказе __value__): проверьте в панели поставщика и выполните 'pmssl resolve'. __detail__";

    /// A renewal has the operation number of one that was made long ago, or follows one that was never closed.
    ServedLongAgo, Unknown, "pmssl_served_long_ago",
        "nothing was ordered: operation __object__ may be one that was served long ago with order __value__ (__detail__). If it is a new renewal, run 'pmssl resolve' with --not-placed and then the operation again; otherwise close the operation in BILLmanager",
        "Ничего не заказано: операция __object__, возможно, давно выполнена заказом __value__ (__detail__). Если это новое продление, выполните 'pmssl resolve' с ключом --not-placed и повторите операцию; иначе закройте операцию в BILLmanager";

    /// The vendor or module cannot do this.
    NotSupported, NotSupported, "not_supported",
        "'__object__' is not supported: __detail__",
        "Операция '__object__' не поддерживается: __detail__";

    /// The vendor's answer contradicts its documentation.
    UnreadableAnswer, Protocol, "pmssl_unreadable_answer",
        "the vendor's answer to '__object__' cannot be understood: __detail__",
        "Ответ поставщика на '__object__' не удалось разобрать: __detail__";
    /// The certificate does not prove itself.
    CertificateMismatch, Protocol, "pmssl_certificate_mismatch",
        "the certificate received for order __value__ was not saved: __detail__",
        "Полученный по заказу __value__ сертификат не сохранён: __detail__";
    /// A balance that is no amount.
    UnreadableBalance, Protocol, "pmssl_unreadable_balance",
        "the vendor's balance cannot be read: __detail__",
        "Не удалось прочитать баланс у поставщика: __detail__";
    /// The stored intent cannot be read.
    UnreadableIntent, Protocol, "pmssl_unreadable_intent",
        "the stored intent of the service cannot be read ('__value__'): nothing was ordered. __detail__",
        "Не удалось прочитать запись о заказе услуги ('__value__'): ничего не заказано. __detail__";
    /// A certificate, chain or archive that cannot be read.
    UnreadableCertificate, Protocol, "pmssl_unreadable_certificate",
        "the certificate cannot be read: __detail__",
        "Не удалось прочитать сертификат: __detail__";

    /// Database failure.
    Database, Platform, "db",
        "BILLmanager's database cannot be used: __detail__",
        "Не удалось обратиться к базе данных BILLmanager: __detail__";
    /// The database does not show what the platform has just written.
    StaleDatabase, Platform, "pmssl_stale_database",
        "the database that pmssl reads does not show what BILLmanager has just written for service __value__: it is a late replica or another database. Nothing was decided and nothing was ordered; correct the database settings in etc/billmgr.conf so that they name the server BILLmanager writes to",
        "База данных, которую читает pmssl, не показывает только что записанное BILLmanager для услуги __value__: это отстающая реплика или другая база. Ничего не решено и не заказано; укажите в etc/billmgr.conf сервер, в который пишет BILLmanager";
    /// Others who order may not see the locks of this server.
    LocksDoNotHold, Platform, "pmssl_locks_do_not_hold",
        "no order is sent, because the database server's locks do not keep two commands apart: __detail__. pmssl orders only where all nodes of BILLmanager use one ordinary database server (it may have replicas), and reach it without a proxy that shares connections: name that server in etc/billmgr.conf or etc/billmgr.conf.d. On a cluster, name one server for the locks as SSLLockHost, the same on every node",
        "Заказ не отправляется: блокировки сервера базы данных не разделяют две команды: __detail__. pmssl заказывает, только если все узлы BILLmanager работают с одним обычным сервером базы данных (реплики допустимы) и подключаются к нему без прокси, разделяющего соединения: укажите этот сервер в etc/billmgr.conf или etc/billmgr.conf.d. В кластере укажите один сервер для блокировок параметром SSLLockHost, одинаковым на всех узлах";
    /// The server that locks are taken at cannot be used.
    LockHost, Platform, "pmssl_lock_host",
        "no locks can be taken at the server that SSLLockHost names (__value__): __detail__. Nothing was decided and nothing was ordered; bring that server back, or correct SSLLockHost on every node",
        "На сервере, указанном в SSLLockHost (__value__), нельзя взять блокировку: __detail__. Ничего не решено и не заказано; восстановите работу этого сервера или исправьте SSLLockHost на всех узлах";
    /// A function of the platform failed.
    PlatformFunction, Platform, "pmssl_platform_function",
        "BILLmanager refused '__object__': __detail__",
        "BILLmanager отклонил '__object__': __detail__";
    /// A file of the installation cannot be read or written.
    PlatformFile, Platform, "pmssl_platform_file",
        "the file '__object__' cannot be used: __detail__",
        "Не удалось использовать файл '__object__': __detail__";
    /// There is no installation of the platform.
    NoPlatform, Platform, "pmssl_no_platform",
        "there is no BILLmanager in '__value__', the directories etc and processing are missing: name its directory with --root or PMSSL_MGR_ROOT",
        "В '__value__' нет BILLmanager, отсутствуют каталоги etc и processing: укажите его каталог через --root или PMSSL_MGR_ROOT";
    /// The command needs root's rights.
    NotRoot, Platform, "pmssl_not_root",
        "only root has the rights to this: run '__value__'",
        "На это есть права только у root: выполните '__value__'";
    /// No account uses any of the modules.
    NoAccounts, Platform, "pmssl_no_accounts",
        "no account of these modules is configured in BILLmanager",
        "В BILLmanager не настроен ни один обработчик этих модулей";
    /// A crypted value cannot be decrypted.
    Undecryptable, Platform, "pmssl_undecryptable",
        "the stored value of '__object__' cannot be decrypted with BILLmanager's key: __detail__. Enter it again in the settings",
        "Сохранённое значение '__object__' не расшифровывается ключом BILLmanager: __detail__. Введите его в настройках заново";
    /// A fault of this program.
    Internal, Platform, "pmssl_internal",
        "internal error: __detail__. Please report it",
        "Внутренняя ошибка: __detail__. Пожалуйста, сообщите о ней разработчикам";
}
