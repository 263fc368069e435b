-- The tables of the platform that a certificate module reads (billmanager.md 6.4), as far as they are known.
-- Plain enough for MariaDB and for the SQLite of the simulated world alike. Column types are not public:
-- numbers, flags ('on'/'off') and dates follow from how the platform's own modules use the values.

CREATE TABLE country (
    id INTEGER NOT NULL PRIMARY KEY,
    iso2 VARCHAR(2),
    name_ru VARCHAR(255)
);

-- The people of clients; the column account is inferred.
CREATE TABLE user (
    id INTEGER NOT NULL PRIMARY KEY,
    account INTEGER
);

CREATE TABLE itemtype (
    id INTEGER NOT NULL PRIMARY KEY,
    intname VARCHAR(64)
);

CREATE TABLE enumerationitem (
    id INTEGER NOT NULL PRIMARY KEY,
    intname VARCHAR(64)
);

CREATE TABLE pricelist (
    id INTEGER NOT NULL PRIMARY KEY,
    intname VARCHAR(128),
    itemtype INTEGER,
    parent INTEGER,
    project INTEGER,
    active VARCHAR(3) DEFAULT 'on',
    addontype INTEGER,
    billtype INTEGER,
    addonlimit INTEGER,
    addonmax INTEGER,
    addonbool VARCHAR(3),
    compound INTEGER,
    enumerationitem INTEGER,
    measure INTEGER
);

CREATE TABLE pricelistparam (
    pricelist INTEGER NOT NULL,
    intname VARCHAR(128) NOT NULL,
    value TEXT,
    PRIMARY KEY (pricelist, intname)
);

CREATE TABLE processingmodule (
    id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(255),
    module VARCHAR(64),
    active VARCHAR(3) DEFAULT 'on',
    orderpriority INTEGER,
    ipmgr INTEGER,
    department INTEGER,
    config TEXT
);

CREATE TABLE processingmodule2pricelist (
    processingmodule INTEGER NOT NULL,
    pricelist INTEGER NOT NULL,
    PRIMARY KEY (processingmodule, pricelist)
);

CREATE TABLE processingparam (
    id INTEGER NOT NULL PRIMARY KEY,
    processingmodule INTEGER,
    intname VARCHAR(128),
    value TEXT
);

CREATE TABLE processingcryptedparam (
    processingmodule INTEGER NOT NULL,
    intname VARCHAR(128) NOT NULL,
    value TEXT,
    PRIMARY KEY (processingmodule, intname)
);

CREATE TABLE item (
    id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(255),
    account INTEGER,
    subaccount INTEGER,
    pricelist INTEGER,
    lastpricelist INTEGER,
    parent INTEGER,
    processingmodule INTEGER,
    remoteid VARCHAR(255),
    period INTEGER,
    status INTEGER,
    specialstatus INTEGER,
    createdate DATE,
    opendate DATE,
    expiredate DATE,
    suspenddate DATE,
    scheduledclose VARCHAR(3),
    autoprolong INTEGER,
    autosuspend VARCHAR(3) DEFAULT 'off',
    employeesuspend VARCHAR(3) DEFAULT 'off',
    abusesuspend VARCHAR(3) DEFAULT 'off',
    cost DECIMAL(16,4),
    intvalue INTEGER,
    boolvalue VARCHAR(3),
    addonlimit INTEGER,
    addonmax INTEGER,
    addonmaxtrial INTEGER,
    enumerationitem INTEGER
);

CREATE TABLE itemparam (
    id INTEGER NOT NULL PRIMARY KEY,
    item INTEGER,
    intname VARCHAR(128),
    value TEXT
);

CREATE TABLE itemcryptedparam (
    item INTEGER NOT NULL,
    intname VARCHAR(128) NOT NULL,
    value TEXT,
    PRIMARY KEY (item, intname)
);

CREATE TABLE certificate (
    item INTEGER NOT NULL PRIMARY KEY,
    pkey TEXT,
    csr TEXT,
    crt TEXT
);

CREATE TABLE runningoperation (
    id INTEGER NOT NULL PRIMARY KEY,
    item INTEGER,
    intname VARCHAR(64),
    trycount INTEGER DEFAULT 0,
    manual VARCHAR(3) DEFAULT 'off',
    errorxml TEXT,
    createdate DATETIME
);

CREATE TABLE task (
    id INTEGER NOT NULL PRIMARY KEY,
    type INTEGER,
    item INTEGER,
    runningoperation INTEGER,
    status INTEGER DEFAULT 0
);
