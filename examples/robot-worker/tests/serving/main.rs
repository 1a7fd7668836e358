//! Drives the program over real sockets, as its clients do.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod rig;

use std::process::Command;
use std::time::Duration;

use rig::{Server, in_short};

#[test]
fn a_job_runs_to_its_end_and_is_answered_on_the_way() {
    let server = Server::start();
    let mut client = server.connect();
    let started = client.ask(r#"{"type":"Start","job":"A7","speed":1}"#);
    assert_eq!(started["ok"], true, "{started}");
    assert_eq!(started["configuration"][0], "Working.Moving");
    assert_eq!(started["context"]["jobs"], 1);
    let idle = client.until_idle();
    assert_eq!(idle["context"], serde_json::json!({ "battery": 100, "jobs": 1, "parts": 3 }));
    server.interrupt();
    let printed = server.end();
    assert!(printed.contains("robot   Idle --Start--> Working.Moving  transitioned\n"), "{printed}");
    assert!(printed.contains("robot   Working.Moving --Done--> Idle  transitioned\n"), "{printed}");
    assert!(printed.contains("arm     at home, brakes off, lamp off, no job\n"), "{printed}");
}

#[test]
fn a_robot_that_is_killed_in_the_middle_of_a_job_goes_on_with_it() {
    let server = Server::start();
    let mut client = server.connect();
    client.ask(r#"{"type":"Battery","percent":77}"#);
    client.ask(r#"{"type":"Start","job":"A7","speed":0.2}"#);
    let folder = server.kill();
    let server = Server::start_in(folder);
    let mut client = server.connect();
    let idle = client.until_idle();
    // The part that was under way when it was killed is moved again, and counts once.
    assert_eq!(idle["context"], serde_json::json!({ "battery": 77, "jobs": 1, "parts": 3 }));
    server.interrupt();
    let printed = server.end();
    assert!(printed.contains("robot   goes on in Working.Moving\n"), "{printed}");
    assert!(printed.contains("robot   Working.Moving --Done--> Idle  transitioned\n"), "{printed}");
}

#[test]
fn two_programs_do_not_share_a_journal() {
    let server = Server::start();
    let output = Command::new(env!("CARGO_BIN_EXE_robot-worker"))
        .args(["--listen", "127.0.0.1:0", "--journal"])
        .arg(server.folder())
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("process"), "{error}");
}

#[test]
fn messages_sent_ahead_are_answered_in_their_order() {
    let server = Server::start();
    let mut client = server.connect();
    let battery = |i: u32| format!("{{\"type\":\"Battery\",\"percent\":{}}}\n", i % 101);
    client.send((0..500).map(battery).collect::<Vec<_>>().concat());
    for i in 0..500 {
        assert_eq!(client.next().unwrap()["context"]["battery"], i % 101);
    }
    // The end of what is sent is not the end of what is answered.
    client.send("{\"type\":\"Pause\"}\n{\"type\":\"Stop\"}\n");
    client.close();
    assert_eq!(client.next_in_short(2), ["unhandled", "unhandled"]);
    assert_eq!(client.next(), None);
}

#[test]
fn bad_lines_lose_nothing_behind_them() {
    let server = Server::start();
    let mut client = server.connect();
    let mut bytes =
        b"{\"type\":\"Battery\",\"percent\":50}\nhello\n\r\n{\"type\":\"Dance\"}\n{\"type\":\"Start\"}\n".to_vec();
    bytes.extend(vec![b'['; 1_000_000]);
    bytes.extend(b"\n{\"type\":\"St\xff\"}\n{\"type\":\"Start\",\"job\":7,\"speed\":1}\n{\"type\":\"Battery\",\"percent\":60}\r\n");
    client.send(bytes);
    let expected =
        ["handled", "not_json", "unknown_type", "bad_fields", "line_too_long", "not_utf8", "bad_fields", "handled"];
    assert_eq!(client.next_in_short(expected.len()), expected);
}

#[test]
fn failing_actions_and_stale_news_are_told_and_the_robot_goes_on() {
    let server = Server::start();
    let mut client = server.connect();
    let failed = client.ask(r#"{"type":"Start","job":"A7","speed":7}"#);
    assert_eq!(
        (in_short(&failed).as_str(), failed["context"]["jobs"].as_u64()),
        ("action_failed", Some(0)),
        "{failed}"
    );
    assert_eq!(failed["error"]["message"], "the speed must be above 0 and at most 1, and not 7");
    assert_eq!(in_short(&client.ask(r#"{"type":"Stop"}"#)), "transitioned");
    client.send(
        "{\"type\":\"Start\",\"job\":\"A7\",\"speed\":0.1}\n{\"type\":\"Done\",\"job\":7}\n{\"type\":\"Stop\"}\n",
    );
    assert_eq!(client.next_in_short(3), ["transitioned", "rejected", "transitioned"]);
    client.send("{\"type\":\"Battery\",\"percent\":9}\n{\"type\":\"Start\",\"job\":\"A8\",\"speed\":1}\n");
    assert_eq!(client.next_in_short(2), ["handled", "action_failed"]);
}

#[test]
fn a_paused_job_goes_on_where_it_was() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("{\"type\":\"Start\",\"job\":\"A7\",\"speed\":1}\n");
    assert_eq!(client.next_in_short(1), ["transitioned"]);
    // However often, and wherever the arm is by then: also between its last part and the end of the job.
    for _ in 0..40 {
        client.send("{\"type\":\"Pause\"}\n{\"type\":\"Resume\"}\n");
        client.next_in_short(2);
        std::thread::sleep(Duration::from_millis(15));
    }
    client.until_idle();
    let idle = client.ask(r#"{"type":"Picked","parts":0}"#);
    assert_eq!(idle["context"]["parts"], 3, "no part is lost or counted twice: {idle}");
}

#[test]
fn a_client_that_leaves_within_a_line_hurts_nobody() {
    let server = Server::start();
    let (mut leaver, mut stayer) = (server.connect(), server.connect());
    leaver.send("{\"type\":\"Battery\",\"percent\":50}\n{\"type\":\"Batt");
    leaver.close();
    assert_eq!(leaver.next_in_short(2), ["handled", "unfinished_line"]);
    assert_eq!(leaver.next(), None);
    let mut dropped = server.connect();
    dropped.send("{\"type\":\"Battery\",\"percent\":51}\n{\"type\":\"Stop\"}\n{\"ty");
    drop(dropped);
    assert_eq!(in_short(&stayer.ask(r#"{"type":"Battery","percent":52}"#)), "handled");
}

#[test]
fn a_client_that_does_not_read_hurts_nobody() {
    let server = Server::start();
    let (mut deaf, mut other) = (server.connect(), server.connect());
    let flood = "{\"type\":\"Pause\"}\n".repeat(2_000_000);
    assert!(!deaf.try_send(flood.as_bytes(), Duration::from_millis(500)), "the server stops reading from it");
    for percent in 0..100 {
        let answer = other.ask(&format!("{{\"type\":\"Battery\",\"percent\":{percent}}}"));
        assert_eq!(answer["context"]["battery"], percent);
    }
    server.interrupt();
    server.end();
}

#[test]
fn two_clients_share_the_robot_and_get_their_own_answers() {
    let server = Server::start();
    let mut clients = [server.connect(), server.connect()];
    for round in 0..50 {
        let [one, two] = &mut clients;
        one.send(format!("{{\"type\":\"Battery\",\"percent\":{round}}}\nnonsense\n"));
        two.send("{\"type\":\"Stop\"}\n{\"type\":\"Picked\",\"parts\":1}\n");
        assert_eq!(one.next_in_short(2), ["handled", "not_json"]);
        assert_eq!(two.next_in_short(2), ["unhandled", "handled"]);
    }
    let answer = clients[0].ask(r#"{"type":"Battery","percent":1}"#);
    assert_eq!(answer["context"]["parts"], 50, "{answer}");
}

#[test]
fn a_robot_at_its_end_says_so_to_everybody() {
    let server = Server::start();
    let (mut one, mut two) = (server.connect(), server.connect());
    one.send(
        "{\"type\":\"Start\",\"job\":\"A7\",\"speed\":0.1}\n{\"type\":\"Fault\",\"code\":500}\n{\"type\":\"Stop\"}\n",
    );
    assert_eq!(one.next_in_short(3), ["transitioned", "finished", "finished"]);
    let late = two.ask(r#"{"type":"Start","job":"A8","speed":1}"#);
    assert_eq!((in_short(&late).as_str(), late["ok"].as_bool()), ("finished", Some(false)), "{late}");
    server.interrupt();
    let printed = server.end();
    assert!(printed.contains("1 machines finished), last in Failed"), "{printed}");
}

#[test]
fn the_end_answers_what_has_arrived_and_brings_the_arm_home() {
    let server = Server::start();
    let (mut worker, mut idler) = (server.connect(), server.connect());
    let started = worker.ask(r#"{"type":"Start","job":"A7","speed":0.01}"#);
    assert_eq!(in_short(&started), "transitioned");
    assert_eq!(in_short(&idler.ask(r#"{"type":"Pause"}"#)), "transitioned");
    worker.send("{\"type\":\"Resume\"}\n{\"type\":\"Battery\",\"percent\":7}\n");
    server.interrupt();
    assert_eq!(worker.next_in_short(3), ["transitioned", "handled", "stopping"]);
    assert_eq!(worker.next(), None);
    assert_eq!(idler.next_in_short(1), ["stopping"]);
    drop((worker, idler));
    let printed = server.end();
    assert!(printed.contains("stopped after 2 clients\n"), "{printed}");
    assert!(printed.contains("robot   Working.Moving --Stop--> Idle  transitioned\n"), "{printed}");
    assert!(printed.contains("arm     at home, brakes off, lamp off, no job\n"), "{printed}");
}

#[test]
fn without_arguments_it_plays_its_session() {
    let output = Command::new(env!("CARGO_BIN_EXE_robot-worker")).env("RUST_LOG", "fsm=debug").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    for part in [
        "robot   --> Idle  started\n",
        "robot   Idle --Start--> Working.Moving  transitioned\n",
        "robot   Working.Moving --Pause--> Working.Paused  transitioned\n",
        "robot   Working.Moving --Picked--> Working.Moving  handled\n",
        "robot   Working.Moving --Done--> Idle  transitioned\n",
        "robot   Working.Paused --Fault--> Failed  finished\n",
        "session every answer was the one expected\n",
    ] {
        assert!(printed.contains(part), "{part} is not in {printed}");
    }
    let picture = printed.lines().find_map(|line| line.strip_prefix("picture ")).unwrap();
    assert!(std::fs::read_to_string(picture).unwrap().contains("stateDiagram-v2"));
    let traced = String::from_utf8(output.stderr).unwrap();
    assert!(traced.contains("Idle") && traced.contains("transition"), "{traced}");
}

#[test]
fn wrong_usage_is_told_apart() {
    let run = |args: &[&str], filter: &str| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_robot-worker")).args(args).env("RUST_LOG", filter).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(&["--listen", "here"], "warn").0, Some(2));
    let (code, message) = run(&[], "fsm=loud");
    assert!(code == Some(2) && message.starts_with("error: RUST_LOG=fsm=loud: "), "{message}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, message) = run(&["--listen", &taken.local_addr().unwrap().to_string()], "warn");
    assert!(code == Some(1) && message.contains("cannot be served"), "{message}");
}
