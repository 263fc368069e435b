use super::*;

#[test]
fn addresses_are_told_from_names_and_internal_ones_from_public_ones() {
    for public in [
        "93.184.216.34",
        " 172.15.0.1",
        "172.32.0.1",
        "2606:4700::1",
        "[2606:4700::1]",
        "3fff:1000::1",
    ] {
        assert_eq!(
            address(public).map(is_public_address),
            Some(true),
            "{public}"
        );
    }
    for internal in [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.1",
        "192.168.1.1",
        "127.0.0.1",
        "100.64.0.1",
        "169.254.1.1",
        "192.0.2.1",
        "240.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "2001:db8::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "::ffff:93.184.216.34",
    ] {
        assert_eq!(
            address(internal).map(is_public_address),
            Some(false),
            "{internal}"
        );
    }
    for name in [
        "",
        "example.com",
        "1.2.3",
        "93.184.216.34:443",
        "93.184.216.0/24",
        "[x]",
    ] {
        assert_eq!(address(name), None, "{name}");
    }
}
