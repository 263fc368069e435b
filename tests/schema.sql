-- The tables of the platform that this program reads (billmanager.md 6.4), with plausible column types.
-- Only names are attested; no type here may be relied on. Used with MariaDB and with SQLite: portable
-- statements only, each ended by a semicolon at the end of a line.
CREATE TABLE itemtype (
  id INTEGER NOT NULL PRIMARY KEY,
  intname VARCHAR(64) NOT NULL
);
CREATE TABLE enumerationitem (
  id INTEGER NOT NULL PRIMARY KEY,
  intname VARCHAR(255)
);
CREATE TABLE pricelist (
  id INTEGER NOT NULL PRIMARY KEY,
  intname VARCHAR(64),
  itemtype INTEGER,
  parent INTEGER,
  project INTEGER,
  active VARCHAR(3),
  addontype INTEGER,
  billtype INTEGER,
  addonlimit DECIMAL(14,4),
  addonmax DECIMAL(14,4),
  enumerationitem INTEGER
);
CREATE TABLE processingmodule (
  id INTEGER NOT NULL PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  module VARCHAR(64) NOT NULL,
  active VARCHAR(3),
  orderpriority INTEGER,
  department INTEGER,
  config TEXT
);
CREATE TABLE processingparam (
  id INTEGER NOT NULL PRIMARY KEY,
  processingmodule INTEGER NOT NULL,
  intname VARCHAR(64) NOT NULL,
  value VARCHAR(255)
);
CREATE TABLE processingcryptedparam (
  id INTEGER NOT NULL PRIMARY KEY,
  processingmodule INTEGER NOT NULL,
  intname VARCHAR(64) NOT NULL,
  value TEXT
);
CREATE TABLE item (
  id INTEGER NOT NULL PRIMARY KEY,
  name VARCHAR(255),
  account INTEGER,
  pricelist INTEGER,
  lastpricelist INTEGER,
  parent INTEGER,
  processingmodule INTEGER,
  remoteid VARCHAR(64),
  period INTEGER,
  status INTEGER,
  opendate DATE,
  expiredate DATE,
  intvalue DECIMAL(14,4),
  boolvalue VARCHAR(3),
  addonlimit DECIMAL(14,4),
  enumerationitem INTEGER
);
CREATE TABLE itemparam (
  id INTEGER NOT NULL PRIMARY KEY,
  item INTEGER NOT NULL,
  intname VARCHAR(64) NOT NULL,
  value VARCHAR(255)
);
CREATE TABLE itemcryptedparam (
  id INTEGER NOT NULL PRIMARY KEY,
  item INTEGER NOT NULL,
  intname VARCHAR(64) NOT NULL,
  value TEXT
);
CREATE TABLE certificate (
  item INTEGER NOT NULL PRIMARY KEY,
  pkey TEXT,
  csr TEXT,
  crt TEXT
);
CREATE TABLE country (
  id INTEGER NOT NULL PRIMARY KEY,
  iso2 VARCHAR(2),
  name_ru VARCHAR(255)
);
CREATE TABLE runningoperation (
  id INTEGER NOT NULL PRIMARY KEY,
  item INTEGER,
  intname VARCHAR(64) NOT NULL,
  trycount INTEGER,
  manual VARCHAR(3),
  errorxml TEXT
);
CREATE TABLE task (
  id INTEGER NOT NULL PRIMARY KEY,
  type INTEGER,
  item INTEGER,
  runningoperation INTEGER,
  status INTEGER
);
