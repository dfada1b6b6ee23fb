//! Which requests and addresses go through which grants.

use super::HttpGrants;
use headwater_core::model::HttpHost;
use std::net::IpAddr;

fn grants(asked: &[&str], allowed: &[&str]) -> HttpGrants {
    let hosts = |list: &[&str]| list.iter().map(|host| host.parse().unwrap()).collect();
    HttpGrants { asked: hosts(asked), allowed: hosts(allowed), resolver: None }
}

fn to(host: &str, port: u16) -> HttpHost {
    HttpHost::of_request(host, port).unwrap()
}

fn connects(grants: &HttpGrants, host: &str, address: &str, port: u16) -> Result<(), String> {
    grants.may_connect(&to(host, port), address.parse::<IpAddr>().unwrap(), port).map_err(|failure| failure.message)
}

#[test]
fn a_request_needs_both_the_task_and_the_operator() {
    let both = grants(&["*"], &["example.org", "192.0.2.1:81"]);
    both.may_ask(&to("example.org", 443)).unwrap();
    both.may_ask(&to("192.0.2.1", 81)).unwrap();
    assert_eq!(
        both.may_ask(&to("example.net", 443)).unwrap_err().message,
        "HTTP to `example.net` is not granted: allow it with `--allow-http example.net`"
    );
    let narrow = grants(&["example.org"], &["*"]);
    assert_eq!(
        narrow.may_ask(&to("example.org", 8080)).unwrap_err().message,
        "the task sent an HTTP request to `example.org:8080`, and does not ask for it: write `http = \"example.org:8080\"` in its \
         attribute, and allow it with `--allow-http example.org:8080`"
    );
}

#[test]
fn a_name_leads_to_the_public_network_only() {
    let named = grants(&["*"], &["example.org", "*.corp.example:8080"]);
    connects(&named, "example.org", "1.1.1.1", 80).unwrap();
    assert_eq!(
        connects(&named, "example.org", "127.0.0.1", 80).unwrap_err(),
        "the name `example.org` leads to 127.0.0.1, a loopback address, which is not granted: allow that with \
         `--allow-http 127.0.0.1`"
    );
    assert!(connects(&named, "example.org", "::ffff:10.0.0.1", 80).is_err());
    let inside = grants(&["*"], &["*.corp.example:8080", "10.0.0.1:8080"]);
    connects(&inside, "git.corp.example", "10.0.0.1", 8080).unwrap();
    connects(&inside, "git.corp.example", "::ffff:10.0.0.1", 8080).unwrap();
    assert!(connects(&inside, "git.corp.example", "10.0.0.1", 80).is_err());
    assert!(connects(&inside, "git.corp.example", "10.0.0.2", 8080).is_err());
}

#[test]
fn an_address_that_is_not_public_has_to_be_named() {
    let all = grants(&["*"], &["*"]);
    connects(&all, "1.1.1.1", "1.1.1.1", 80).unwrap();
    assert_eq!(
        connects(&all, "[::1]", "::1", 8080).unwrap_err(),
        "HTTP to `[::1]:8080`, a loopback address, is not granted: allow it with `--allow-http [::1]:8080`"
    );
    connects(&grants(&["*"], &["[::1]:8080"]), "[::1]", "::1", 8080).unwrap();
}

#[test]
fn localhost_is_this_machine_and_nothing_else() {
    let local = grants(&["*"], &["localhost:8080"]);
    connects(&local, "localhost", "127.0.0.1", 8080).unwrap();
    connects(&local, "localhost", "::1", 8080).unwrap();
    assert!(connects(&local, "localhost", "10.0.0.1", 8080).is_err());
    assert!(connects(&local, "example.org", "127.0.0.1", 8080).is_err());
    let said = connects(&grants(&["*"], &["*"]), "localhost", "127.0.0.1", 8080).unwrap_err();
    assert!(said.ends_with("allow that with `--allow-http localhost:8080`"), "{said}");
}
