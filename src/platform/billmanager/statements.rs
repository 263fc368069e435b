//! Every SQL statement this program sends. Tables and columns: billmanager.md 6.3 and 6.4.
//!
//! Column types are not documented, so every column is cast to text by the server and read here.
//! Nothing is ever written by SQL. The column `certificate.pkey` (the client's private key) and
//! the table `itemcryptedparam` are never selected.

/// One service with tariff, product type and account; outer joins, so that a half-deleted service
/// is still seen.
pub const SERVICE: &str = "SELECT CAST(itemtype.intname AS CHAR), CAST(item.processingmodule AS CHAR), \
     CAST(processingmodule.module AS CHAR), CAST(pricelist.intname AS CHAR), \
     CAST(item.period AS CHAR), CAST(item.status AS CHAR), CAST(item.expiredate AS CHAR), \
     CAST(item.lastpricelist AS CHAR), CAST(item.createdate AS CHAR) \
     FROM item \
     LEFT JOIN pricelist ON pricelist.id = item.pricelist \
     LEFT JOIN itemtype ON itemtype.id = pricelist.itemtype \
     LEFT JOIN processingmodule ON processingmodule.id = item.processingmodule \
     WHERE item.id = ?";

/// The parameters of a service.
pub const ITEM_PARAMETERS: &str = "SELECT CAST(intname AS CHAR), CAST(value AS CHAR) FROM itemparam \
     WHERE item = ? ORDER BY id";

/// CSR and certificate of a service.
pub const CERTIFICATE: &str =
    "SELECT CAST(csr AS CHAR), CAST(crt AS CHAR) FROM certificate WHERE item = ?";

/// The addons of a service.
pub const ADDONS: &str = "SELECT CAST(itemtype.intname AS CHAR), CAST(pricelist.intname AS CHAR), \
     CAST(pricelist.addontype AS CHAR), CAST(item.addonlimit AS CHAR), \
     CAST(pricelist.addonlimit AS CHAR), CAST(item.intvalue AS CHAR), \
     CAST(enumerationitem.intname AS CHAR) \
     FROM item \
     JOIN pricelist ON pricelist.id = item.pricelist \
     LEFT JOIN itemtype ON itemtype.id = pricelist.itemtype \
     LEFT JOIN enumerationitem ON enumerationitem.id = item.enumerationitem \
     WHERE item.parent = ? ORDER BY item.id";

/// One account.
pub const ACCOUNT: &str =
    "SELECT CAST(name AS CHAR), CAST(module AS CHAR) FROM processingmodule WHERE id = ?";

/// The plain settings of an account.
pub const ACCOUNT_SETTINGS: &str = "SELECT CAST(intname AS CHAR), CAST(value AS CHAR) FROM processingparam \
     WHERE processingmodule = ?";

/// The crypted settings of an account, still crypted.
pub const ACCOUNT_SECRETS: &str = "SELECT CAST(intname AS CHAR), CAST(value AS CHAR) FROM processingcryptedparam \
     WHERE processingmodule = ?";

/// The accounts of a module.
pub const ACCOUNTS_OF_MODULE: &str =
    "SELECT CAST(id AS CHAR) FROM processingmodule WHERE module = ? ORDER BY id";

/// The services of a module's accounts with their certificate status.
pub const SERVICES_OF_MODULE: &str = "SELECT CAST(item.id AS CHAR), CAST(item.status AS CHAR), CAST(itemparam.value AS CHAR), \
     CAST(item.expiredate AS CHAR) \
     FROM item \
     JOIN processingmodule ON processingmodule.id = item.processingmodule \
     LEFT JOIN itemparam ON itemparam.item = item.id AND itemparam.intname = 'service_status' \
     WHERE processingmodule.module = ? ORDER BY item.id";

/// The services of a module's accounts that are not deleted and whose certificate is not issued.
pub const UNISSUED_SERVICES_OF_MODULE: &str = "SELECT CAST(item.id AS CHAR) \
     FROM item \
     JOIN processingmodule ON processingmodule.id = item.processingmodule \
     LEFT JOIN itemparam ON itemparam.item = item.id AND itemparam.intname = 'service_status' \
     WHERE processingmodule.module = ? AND COALESCE(item.status, 0) <> 4 \
     AND COALESCE(TRIM(itemparam.value), '') <> '5' ORDER BY item.id";

/// What the daemon schedules a certificate by, once of the service and once of each parameter that counts
/// ([`crate::platform::fields`]). Neither sorted nor grouped: a large shop would need a table on disk for it. The
/// parameters are found by the index on `itemparam.item`, or in one walk through the table where there is none.
macro_rules! facts {
    ($which:literal, $further:literal) => {
        concat!(
            "SELECT CAST(item.id AS CHAR), CAST(item.processingmodule AS CHAR), CAST(item.status AS CHAR), \
             CAST(item.expiredate AS CHAR), NULL, NULL, CAST(item.period AS CHAR) \
             FROM item \
             JOIN processingmodule ON processingmodule.id = item.processingmodule \
             JOIN pricelist ON pricelist.id = item.pricelist \
             JOIN itemtype ON itemtype.id = pricelist.itemtype \
             WHERE processingmodule.module = ? AND itemtype.intname = 'certificate' \
             AND item.status IN (2, 3, 5)",
            $which,
            " UNION ALL SELECT CAST(item.id AS CHAR), NULL, NULL, NULL, CAST(itemparam.intname AS CHAR), \
             CAST(itemparam.value AS CHAR), NULL \
             FROM itemparam \
             JOIN item ON item.id = itemparam.item \
             JOIN processingmodule ON processingmodule.id = item.processingmodule \
             WHERE itemparam.intname IN ('service_status', 'pmssl_certificate_end', 'pmssl_intent', \
             'pmssl_reissue'",
            $further,
            ") AND processingmodule.module = ? AND item.status IN (2, 3, 5)",
            $which
        )
    };
}

/// The facts of all certificates of a module's accounts; arguments: module twice. Only active, suspended and
/// being-changed services count (billmanager.md 8.2).
pub const FACTS_OF_MODULE: &str = facts!("", "");

/// The same with what the two shown dates follow from; read when an option about them may have changed.
pub const FACTS_AND_DATES_OF_MODULE: &str = facts!("", ", 'pmssl_term_end', 'paid_till'");

/// All facts of one service; arguments: module, service, twice.
pub const FACTS_OF_SERVICE: &str = facts!(" AND item.id = ?", ", 'pmssl_term_end', 'paid_till'");

/// Number of the parameter that was stored last; the server reads it from the end of the primary key.
pub const NEWEST_PARAMETER: &str = "SELECT CAST(MAX(id) AS CHAR) FROM itemparam";

/// What may have changed at a module's services: parameters stored after a number, and queued operations; arguments:
/// module, number, module. The comment is an instruction to MySQL and MariaDB: walk from the few new parameters to
/// their services, not from all services of the module to their parameters.
pub const NEWS_OF_MODULE: &str = "SELECT /*! STRAIGHT_JOIN */ CAST(itemparam.id AS CHAR), CAST(item.id AS CHAR) \
     FROM itemparam \
     JOIN item ON item.id = itemparam.item \
     JOIN processingmodule ON processingmodule.id = item.processingmodule \
     WHERE processingmodule.module = ? AND itemparam.id > ? \
     AND itemparam.intname IN ('service_status', 'pmssl_certificate_end', 'pmssl_intent', 'pmssl_reissue') \
     UNION ALL SELECT /*! STRAIGHT_JOIN */ NULL, CAST(item.id AS CHAR) \
     FROM runningoperation \
     JOIN item ON item.id = runningoperation.item \
     JOIN processingmodule ON processingmodule.id = item.processingmodule \
     WHERE processingmodule.module = ?";

/// The server ends a statement that takes longer than this program waits for it (60 s, a lock's wait included), so
/// that what was given up does not run on. MariaDB and MySQL each read their own comment; an older server has
/// neither limit. Sent without preparation with every connection.
pub const END_LONG_STATEMENTS: &str = "SET /*M!100101 SESSION max_statement_time = 70, */ \
     /*!50708 SESSION max_execution_time = 70000, */ @pmssl = 1";

/// The same around the statements that go through the whole shop ([`FACTS_OF_MODULE`]): their rows are read as they come.
pub const END_VERY_LONG_STATEMENTS: &str = "SET /*M!100101 SESSION max_statement_time = 300, */ \
     /*!50708 SESSION max_execution_time = 300000, */ @pmssl = 1";

/// The intents of an account's services; arguments: account, pattern of those that do not count.
pub const INTENTS_OF_ACCOUNT: &str = "SELECT CAST(item.id AS CHAR), CAST(itemparam.value AS CHAR) FROM item \
     JOIN itemparam ON itemparam.item = item.id AND itemparam.intname = 'pmssl_intent' \
     WHERE item.processingmodule = ? AND itemparam.value NOT LIKE ?";

/// A parameter of an account's services; arguments: account, name. Of the same services as [`FACTS_OF_MODULE`].
pub const PARAMETERS_OF_ACCOUNT: &str = "SELECT CAST(item.id AS CHAR), CAST(itemparam.value AS CHAR) FROM item \
     JOIN itemparam ON itemparam.item = item.id \
     WHERE item.processingmodule = ? AND itemparam.intname = ? AND item.status IN (2, 3, 5)";

/// The users of the client who owns a service. Column `account` of `user` is inferred.
pub const CLIENT_USER: &str = "SELECT CAST(user.id AS CHAR) FROM item \
     JOIN user ON user.account = item.account WHERE item.id = ? ORDER BY user.id LIMIT 1";

/// The department whose people get an account's tasks.
pub const DEPARTMENT: &str = "SELECT CAST(department AS CHAR) FROM processingmodule WHERE id = ?";

/// The code of a country.
pub const COUNTRY: &str = "SELECT CAST(iso2 AS CHAR) FROM country WHERE id = ?";

/// One queued operation.
pub const OPERATION: &str = "SELECT CAST(item AS CHAR), CAST(intname AS CHAR), CAST(trycount AS CHAR) \
     FROM runningoperation WHERE id = ?";

/// The oldest queued operation of a service for one command.
pub const QUEUED_OPERATION: &str = "SELECT CAST(id AS CHAR) FROM runningoperation \
     WHERE item = ? AND intname = ? ORDER BY id LIMIT 1";

/// How many tasks refer to an operation and are not closed (billmanager.md 6.4: 2 is closed).
pub const OPEN_TASKS_OF_OPERATION: &str = "SELECT CAST(COUNT(*) AS CHAR) FROM task \
     WHERE runningoperation = ? AND COALESCE(status, 0) <> 2";

/// Takes an advisory lock; arguments: name, seconds to wait. `1` taken, `0` not in time.
pub const TAKE_LOCK: &str = "SELECT CAST(GET_LOCK(?, ?) AS CHAR)";

/// Gives an advisory lock back; argument: name.
pub const RELEASE_LOCK: &str = "SELECT CAST(RELEASE_LOCK(?) AS CHAR)";

/// Whether the lock belongs to this connection; argument: name. `1`, `0` or NULL (free).
pub const OWNS_LOCK: &str = "SELECT CAST(IS_USED_LOCK(?) = CONNECTION_ID() AS CHAR)";

/// What tells whether the server's locks hold for everybody. Sent without preparation; a variable that the
/// server does not have is not in the answer. `transaction_read_only` is not asked for: a session that may
/// only read is a sound way to run this program, which never writes by SQL.
pub const LOCK_VARIABLES: &str = "SHOW VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', \
     'innodb_read_only', 'wsrep_on', 'wsrep_provider', 'group_replication_group_name', \
     'group_replication_single_primary_mode')";

/// The cipher of this connection; empty, or absent, where it has none.
pub const CIPHER: &str = "SHOW STATUS WHERE Variable_name IN ('Ssl_cipher')";

/// What tells one server from another, for the server that locks are taken at. MySQL has `server_uuid`, newer
/// MariaDB has `server_uid`, which is made of the machine's network address and the port; nodes of a cluster may be
/// copies of one machine, with the same number and name.
pub const IDENTITY_VARIABLES: &str = "SHOW VARIABLES WHERE Variable_name IN ('hostname', 'port', 'server_id', \
     'server_uuid', 'server_uid', 'bind_address', 'wsrep_node_address', 'wsrep_node_name')";

/// The indexes that lead from a service to its parameters. Sent without preparation.
pub const PARAMETER_INDEX: &str =
    "SHOW INDEX FROM itemparam WHERE Column_name = 'item' AND Seq_in_index = 1";

/// A node of a Galera cluster answers a read only when it has applied what was written anywhere before. Sent
/// without preparation; other servers do not know the variable.
pub const READ_WHAT_WAS_WRITTEN: &str = "SET SESSION wsrep_sync_wait = 1";

/// The newest mark of an ordering command of all services, and the newest that names a server for locks. Marks
/// begin with their time.
pub const NEWEST_MARKS: &str = "SELECT CAST(MAX(value) AS CHAR), \
     CAST(MAX(CASE WHEN value LIKE '% at %' THEN value END) AS CHAR) \
     FROM itemparam WHERE intname = 'pmssl_fresh'";

/// The service with a mark; argument: the mark.
pub const SERVICE_OF_MARK: &str =
    "SELECT CAST(item AS CHAR) FROM itemparam WHERE intname = 'pmssl_fresh' AND value = ?";

/// Keeps an installation's short idle limit from cutting the connection, and with it the lock,
/// during a slow vendor call. Sent without preparation, before a lock is taken.
pub const STAY_CONNECTED: &str = "SET SESSION wait_timeout = 28800";

/// The opposite, for a lock that is held for as long as a daemon lives and is proved every minute: a machine
/// that lost its power does not end its connection, and another one is to take over all the same.
pub const SHOW_LIFE: &str = "SET SESSION wait_timeout = 600";

/// Services, as lists show them, some at a time; argument: the last service seen. Other products are among them, so
/// that a page never goes through more than it returns. The page is cut out before anything is joined: a server that
/// joins first reads and sorts all services that follow.
pub const OVERVIEW: &str = "SELECT CAST(item.id AS CHAR), CAST(item.name AS CHAR), \
     CAST(item.processingmodule AS CHAR), CAST(processingmodule.name AS CHAR), CAST(processingmodule.module AS CHAR), \
     CAST(pricelist.intname AS CHAR), CAST(item.status AS CHAR), CAST(item.expiredate AS CHAR), \
     CAST(certificate.csr AS CHAR), CAST(itemtype.intname AS CHAR), CAST(item.period AS CHAR) \
     FROM (SELECT id, name, processingmodule, pricelist, status, expiredate, period FROM item \
     WHERE id > ? ORDER BY id LIMIT 500) AS item \
     LEFT JOIN processingmodule ON processingmodule.id = item.processingmodule \
     LEFT JOIN pricelist ON pricelist.id = item.pricelist \
     LEFT JOIN itemtype ON itemtype.id = pricelist.itemtype \
     LEFT JOIN certificate ON certificate.item = item.id";

/// The parameters that lists show of services in a range of numbers; arguments: first, last. The first two names keep
/// the order number, one or the other by module.
pub const OVERVIEW_PARAMETERS: &str = "SELECT CAST(item AS CHAR), CAST(intname AS CHAR), CAST(value AS CHAR) \
     FROM itemparam \
     WHERE item BETWEEN ? AND ? AND intname IN \
     ('custom_order_id', 'store_order_id', 'pmssl_intent', 'service_status', 'paid_till', 'pmssl_term_end', 'pmssl_certificate_end', \
     'pmssl_certificate_serial', 'altname', 'pmssl_person', 'pmssl_waits', 'pmssl_proved', 'approver_method', \
     'approver_email', 'pmssl_replaced_serial', 'pmssl_revoked', 'pmssl_reissue') ORDER BY item, id";

/// CSR and certificate of services in a range of numbers that are not deleted; arguments: first, last.
pub const CERTIFICATES_BETWEEN: &str = "SELECT /*! STRAIGHT_JOIN */ CAST(item.id AS CHAR), CAST(certificate.csr AS CHAR), \
     CAST(certificate.crt AS CHAR) \
     FROM item JOIN certificate ON certificate.item = item.id \
     WHERE item.id BETWEEN ? AND ? AND COALESCE(item.status, 0) <> 4";

/// The name of a service.
pub const SERVICE_NAME: &str = "SELECT CAST(name AS CHAR) FROM item WHERE id = ?";

/// The accounts of a module with their names.
pub const ACCOUNT_LINES: &str = "SELECT CAST(id AS CHAR), CAST(name AS CHAR), CAST(active AS CHAR) \
     FROM processingmodule WHERE module = ? ORDER BY id";

/// The tariffs of certificates that an account serves; argument: account. Addons have product types of their own.
pub const TARIFFS_OF_ACCOUNT: &str = "SELECT CAST(pricelist.id AS CHAR), CAST(pricelist.intname AS CHAR), \
     CAST(pricelist.active AS CHAR) \
     FROM processingmodule2pricelist \
     JOIN pricelist ON pricelist.id = processingmodule2pricelist.pricelist \
     JOIN itemtype ON itemtype.id = pricelist.itemtype \
     WHERE processingmodule2pricelist.processingmodule = ? AND itemtype.intname = 'certificate' \
     ORDER BY pricelist.id";

/// The queued operations of a module's services and how many tasks of each are not closed.
pub const QUEUED_LINES: &str = "SELECT CAST(runningoperation.id AS CHAR), CAST(runningoperation.item AS CHAR), \
     CAST(runningoperation.intname AS CHAR), CAST(runningoperation.trycount AS CHAR), \
     CAST((SELECT COUNT(*) FROM task WHERE task.runningoperation = runningoperation.id \
     AND COALESCE(task.status, 0) <> 2) AS CHAR) \
     FROM runningoperation \
     JOIN item ON item.id = runningoperation.item \
     JOIN processingmodule ON processingmodule.id = item.processingmodule \
     WHERE processingmodule.module = ? ORDER BY runningoperation.id";

/// The services that have a parameter with a value.
pub const SERVICES_WITH_ORDER: &str = "SELECT CAST(item AS CHAR) FROM itemparam \
     WHERE (intname = ? AND value = ?) OR (intname = 'pmssl_intent' AND value LIKE ? ESCAPE '!') ORDER BY item";
