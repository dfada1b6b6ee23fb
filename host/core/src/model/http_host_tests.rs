//! Hosts of grants: how they are written, and what they cover.

use super::HttpHost;

fn host(text: &str) -> HttpHost {
    text.parse().unwrap()
}

fn covers(grant: &str, name: &str, port: u16) -> bool {
    HttpHost::of_request(name, port).is_some_and(|request| host(grant).meets(&request))
}

#[test]
fn hosts_are_written_as_in_urls() {
    for (text, shown) in [
        ("Example.ORG", "example.org"),
        ("example.org:8443", "example.org:8443"),
        ("example.org:443", "example.org:443"),
        ("*.example.org:80", "*.example.org:80"),
        ("*", "*"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("192.0.2.1:81", "192.0.2.1:81"),
        ("::1", "[::1]"),
        ("[2001:DB8::1]:80", "[2001:db8::1]:80"),
        ("[::ffff:192.0.2.1]", "192.0.2.1"),
    ] {
        assert_eq!(host(text).to_string(), shown);
        assert_eq!(host(shown), host(text));
    }
}

#[test]
fn what_is_no_host_is_told() {
    for text in [
        "",
        "http://example.org",
        "example.org/path",
        "a b",
        "example.org:",
        "example.org:0",
        "example.org:70000",
        ".org",
        "a..b",
        "bücher.example",
        "*.*.org",
        "a*.org",
        "me@example.org",
        "[::1",
        "[::1]80",
        "[::1]:x",
        "1::2::3",
    ] {
        let said = text.parse::<HttpHost>().unwrap_err().to_string();
        assert!(said.starts_with(&format!("`{text}` is no host: write ")), "{said}");
    }
}

#[test]
fn a_host_without_a_port_covers_the_usual_two() {
    assert!(covers("example.org", "example.org", 80) && covers("example.org", "EXAMPLE.org.", 443));
    assert!(!covers("example.org", "example.org", 8080));
    assert!(covers("example.org:8080", "example.org", 8080) && !covers("example.org:8080", "example.org", 80));
}

#[test]
fn a_name_covers_itself_and_no_name_that_looks_like_it() {
    for name in
        ["example.org.evil.net", "notexample.org", "a.example.org", "example.or", "example.org:80", "[example.org]"]
    {
        assert!(!covers("example.org", name, 80), "{name}");
    }
}

#[test]
fn a_star_covers_what_is_below_and_not_the_name_itself() {
    assert!(covers("*.example.org", "a.example.org", 443) && covers("*.example.org", "a.b.example.org", 443));
    assert!(!covers("*.example.org", "example.org", 443) && !covers("*.example.org", "badexample.org", 443));
    assert!(covers("*", "anything.net", 443) && covers("*", "192.0.2.1", 81));
    assert!(covers("*:443", "anything.net", 443) && !covers("*:443", "anything.net", 80));
}

#[test]
fn an_address_is_the_same_in_every_spelling() {
    assert!(covers("127.0.0.1:81", "127.0.0.1", 81) && covers("127.0.0.1:81", "[::ffff:7f00:1]", 81));
    assert!(!covers("127.0.0.1:81", "127.1", 81) && !covers("127.0.0.1:81", "localhost", 81));
    assert!(host("127.0.0.1:81").is_address("::ffff:127.0.0.1".parse().unwrap(), 81));
    assert!(!host("127.0.0.1:81").is_address("127.0.0.1".parse().unwrap(), 80));
}

#[test]
fn two_grants_meet_where_one_request_goes_through_both() {
    let meet = |one: &str, other: &str| host(one).meets(&host(other)) && host(other).meets(&host(one));
    assert!(meet("*", "example.org:8080") && meet("*", "*.example.org") && !meet("*:80", "example.org:8080"));
    assert!(meet("*.org", "*.example.org") && !meet("*.org", "*.net"));
    assert!(meet("example.org", "example.org:443") && !meet("example.org:80", "example.org:443"));
}

#[test]
fn the_grant_of_a_request_names_only_what_it_must() {
    let grant = |name, port| HttpHost::of_request(name, port).unwrap().to_grant().to_string();
    assert_eq!(grant("Example.org.", 443), "example.org");
    assert_eq!(grant("example.org", 8080), "example.org:8080");
    assert_eq!(grant("[::1]", 8080), "[::1]:8080");
    assert_eq!(HttpHost::of_request("*", 80), None);
    assert_eq!(HttpHost::of_request("", 80), None);
}
