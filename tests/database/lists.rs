//! What lists and `doctor` ask a real server.

use pmssl::domain::ItemId;
use pmssl::platform::Platform;

use super::server::installation;
use super::{block, platform};

#[test]
fn a_missing_index_of_the_parameters_is_seen() {
    let Some(installation) = installation("indexes") else {
        return;
    };
    let platform = platform(&installation);
    block(async {
        assert_eq!(platform.has_parameter_index().await, Some(false));
        installation.sql("CREATE INDEX by_name ON itemparam (intname, item);");
        assert_eq!(platform.has_parameter_index().await, Some(false));
        installation.sql("CREATE INDEX by_item ON itemparam (item, intname);");
        assert_eq!(platform.has_parameter_index().await, Some(true));
        installation.sql("DROP TABLE itemparam;");
        assert_eq!(platform.has_parameter_index().await, None);
    });
}

#[test]
fn services_whose_certificate_is_not_issued_are_found() {
    let Some(installation) = installation("unissued") else {
        return;
    };
    installation.sql(
        "INSERT INTO processingmodule (id, name, module) VALUES (3, 'Account', 'pmglobalsign'), (4, 'Other', 'pmother');
         INSERT INTO item (id, processingmodule, status) VALUES (1, 3, 2), (2, 3, 2), (3, 3, NULL), (4, 3, 4), (5, 3, 2), (6, 4, 2), (7, 3, 1);
         INSERT INTO itemparam (id, item, intname, value) VALUES (1, 1, 'service_status', '5'), (2, 2, 'service_status', '4'), (3, 4, 'service_status', '4'),
           (4, 5, 'service_status', NULL), (5, 5, 'other', '5'), (6, 6, 'service_status', '4'), (7, 7, 'service_status', ' 5 ');",
    );
    let found = block(platform(&installation).unissued_of("pmglobalsign")).unwrap();
    assert_eq!(found, [ItemId(2), ItemId(3), ItemId(5)]);
}
