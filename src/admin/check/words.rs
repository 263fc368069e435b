//! Texts of `pmssl check`.

use crate::module::Text;

pub(super) const SETTINGS: Text = Text::new("settings", "настройки");
pub(super) const NAME: Text = Text::new("name", "имя");
pub(super) const CONNECTION: Text = Text::new("connection", "соединение");
pub(super) const SOURCE: Text = Text::new("source", "исходящий адрес");
pub(super) const TLS: Text = Text::new("TLS", "TLS");
pub(super) const CLOCK: Text = Text::new("clock", "часы");
pub(super) const CREDENTIALS: Text = Text::new("credentials", "учётные данные");
pub(super) const ACCOUNT: Text = Text::new("account", "учётная запись");
pub(super) const BALANCE: Text = Text::new("balance", "баланс");

pub(super) const GOOD: Text = Text::new("good", "хорошо");
pub(super) const LOOK: Text = Text::new("look", "проверьте");
pub(super) const BAD: Text = Text::new("bad", "плохо");
pub(super) const SKIPPED: Text = Text::new("skipped", "пропущено");

pub(super) const COMPLETE: Text = Text::new("complete", "заполнены");
pub(super) const NOT_TOLD: Text = Text::new(
    "the adapter reports no address, so the connection was not tested",
    "адаптер не сообщает адрес, поэтому соединение не проверялось",
);
pub(super) const VIA_PROXY: Text = Text::new("through the proxy", "через прокси");
pub(super) const PLAIN_HTTP: Text = Text::new(
    "plain http to this machine",
    "простой http на этой же машине",
);
pub(super) const BY_PROXY: Text = Text::new(
    "made through the proxy, tested together with the credentials",
    "устанавливается через прокси, проверяется вместе с учётными данными",
);
pub(super) const NO_DATE: Text =
    Text::new("the vendor reports no time", "поставщик не сообщает время");
pub(super) const NO_BALANCE: Text = Text::new(
    "this vendor does not report the balance",
    "этот поставщик не сообщает баланс",
);
pub(super) const AHEAD: Text = Text::new(
    "seconds ahead of the vendor's",
    "с: часы спешат относительно часов поставщика",
);
pub(super) const BEHIND: Text = Text::new(
    "seconds behind the vendor's",
    "с: часы отстают от часов поставщика",
);
pub(super) const EARLIER_FAILED: Text =
    Text::new("an earlier step failed", "не удался предыдущий шаг");
pub(super) const ACCEPTED: Text = Text::new("accepted", "приняты");
pub(super) const ENDS: Text = Text::new("ends", "действует до");

pub(super) const DO_NAME: Text = Text::new(
    "check the address in the settings and the name servers in /etc/resolv.conf",
    "проверьте адрес в настройках и серверы имён в /etc/resolv.conf",
);
pub(super) const DO_CONNECTION: Text = Text::new(
    "check this server's outgoing connections: firewall, routing, and SSLProxy in billmgr.conf if a proxy is needed",
    "проверьте исходящий доступ сервера: межсетевой экран, маршруты и SSLProxy в billmgr.conf, если нужен прокси",
);
pub(super) const DO_SOURCE: Text = Text::new(
    "choose an address of this host in the account's settings",
    "выберите в настройках обработчика адрес этого сервера",
);
pub(super) const DO_TLS: Text = Text::new(
    "check this server's clock; if a firewall or a private authority intercepts the connection, set SSLCaFile in billmgr.conf to its root certificate",
    "проверьте часы сервера; если соединение перехватывает межсетевой экран или частный центр сертификации, укажите его корневой сертификат в SSLCaFile в billmgr.conf",
);
pub(super) const DO_CLOCK: Text = Text::new(
    "switch time synchronization on (timedatectl set-ntp true)",
    "включите синхронизацию времени (timedatectl set-ntp true)",
);
pub(super) const DO_SETTINGS: Text = Text::new(
    "correct the field in the processing module's settings",
    "исправьте поле в настройках модуля обработки",
);
pub(super) const DO_CREDENTIALS: Text = Text::new(
    "check login and secret in the vendor's panel, and that it allows this server's public address (behind NAT or a proxy: the address of that)",
    "проверьте в панели поставщика логин, секрет и разрешён ли внешний адрес этого сервера (за NAT или прокси - их адрес)",
);
pub(super) const DO_LATER: Text = Text::new(
    "try again later; if it persists, contact the vendor",
    "повторите позже; если ошибка останется, обратитесь к поставщику",
);
pub(super) const OPEN: Text = Text::new("open for orders", "принимает заказы");
pub(super) const SWITCHED_OFF: Text = Text::new(
    "switched off in BILLmanager: no orders go to it",
    "выключен в BILLmanager: заказы в него не поступают",
);
pub(super) const DO_SWITCH_ON: Text = Text::new(
    "switch the processing module on in BILLmanager if orders are to go to it",
    "включите модуль обработки в BILLmanager, если заказы должны в него поступать",
);
pub(super) const DO_ALLOW: Text = Text::new(
    "allow this server's public address in the vendor's panel (behind NAT or a proxy: the address of that)",
    "разрешите в панели поставщика внешний адрес этого сервера (за NAT или прокси - их адрес)",
);
pub(super) const DO_ACCOUNT: Text = Text::new(
    "the credentials are right, but the account is restricted: settle it in the vendor's panel or with the vendor's support",
    "учётные данные верны, но учётная запись ограничена: решите вопрос в панели поставщика или с его поддержкой",
);
pub(super) const DO_TOP_UP: Text = Text::new(
    "top up the account at the vendor: orders fail without money",
    "пополните счёт у поставщика: без денег заказы не выполняются",
);
