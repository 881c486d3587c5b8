//! What a screen reader learns of the real window: the accessibility tree of GTK and WebKit, read over
//! AT-SPI as a screen reader reads it.

use crate::desk::{Desk, Setup, on_a_desk};
use crate::hands::{id, screen};
use crate::journey::start_a_run;
use std::collections::HashMap;
use std::fmt::Write as _;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, Proxy};

/// More than any screen has: a tree that goes round in circles ends here.
const MOST: usize = 5000;
const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
/// The bit of the state `showing` (AtspiStateType).
const SHOWING: u64 = 1 << 25;

/// A place in the tree: the bus name of its program, and its path there.
type Place = (String, OwnedObjectPath);

/// What is said of a control, a heading, a region.
#[derive(Clone, Debug)]
struct Node {
    depth: usize,
    role: u32,
    name: String,
    states: u64,
    attributes: HashMap<String, String>,
    /// What it says, where it is announced.
    text: String,
}

impl Node {
    fn is_live(&self) -> bool {
        ["live", "container-live"]
            .iter()
            .any(|name| self.attributes.get(*name).is_some_and(|how| how != "off"))
    }
}

/// The tree of the program on this desk, from the top.
async fn tree(desk: &Desk) -> zbus::Result<Vec<Node>> {
    let session = zbus::connection::Builder::address(desk.session_bus())?
        .build()
        .await?;
    let bus = Proxy::new(&session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus").await?;
    let address: String = bus.call("GetAddress", &()).await?;
    let bus = zbus::connection::Builder::address(address.as_str())?
        .build()
        .await?;
    let root = (
        "org.a11y.atspi.Registry".to_owned(),
        OwnedObjectPath::try_from("/org/a11y/atspi/accessible/root")?,
    );
    let mut nodes = Vec::new();
    let mut left = vec![(0, root)];
    while let Some((depth, place)) = left.pop() {
        if nodes.len() == MOST {
            break;
        }
        // What has gone in the meantime is not there.
        let Ok((node, children)) = node(&bus, depth, &place).await else {
            continue;
        };
        nodes.push(node);
        left.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
    }
    Ok(nodes)
}

async fn node(bus: &Connection, depth: usize, place: &Place) -> zbus::Result<(Node, Vec<Place>)> {
    let (name, path) = place.clone();
    let object = Proxy::new(bus, name, path, ACCESSIBLE).await?;
    // WebKit leaves the role's name out.
    let role: u32 = object.call("GetRole", &()).await?;
    let states: Vec<u32> = object.call("GetState", &()).await?;
    let word = |at: usize| u64::from(states.get(at).copied().unwrap_or_default());
    let mut node = Node {
        depth,
        role,
        name: object.get_property("Name").await.unwrap_or_default(),
        states: word(0) | word(1) << 32,
        attributes: object.call("GetAttributes", &()).await.unwrap_or_default(),
        text: String::new(),
    };
    if node.is_live() {
        let (name, path) = place.clone();
        let text = Proxy::new(bus, name, path, "org.a11y.atspi.Text").await?;
        let text = text.call("GetText", &(0_i32, -1_i32)).await;
        node.text = text.unwrap_or_default();
    }
    // A web view's content is embedded: GTK counts it as a child, but leaves it out of `GetChildren`.
    let mut children: Vec<Place> = object.call("GetChildren", &()).await?;
    let count: i32 = object.get_property("ChildCount").await.unwrap_or_default();
    if children.is_empty() && count > 0 {
        children.push(object.call("GetChildAtIndex", &(0_i32)).await?);
    }
    Ok((node, children))
}

/// As lines, for a person who looks into a failure.
fn drawn(nodes: &[Node]) -> String {
    nodes.iter().fold(String::new(), |mut text, node| {
        let indent = "  ".repeat(node.depth);
        let live = if node.is_live() {
            format!(" (live: {})", node.text)
        } else {
            String::new()
        };
        let role = role_name(node.role);
        let number = if role == "other" {
            format!(" {}", node.role)
        } else {
            String::new()
        };
        let _ = writeln!(text, "{indent}{role}{number} “{}”{live}", node.name);
        text
    })
}

/// Roles by their number in AtspiRole.
const ROLES: [(u32, &str); 22] = [
    (7, "check box"),
    (11, "combo box"),
    (16, "dialog"),
    (20, "filler"),
    (29, "label"),
    (31, "list"),
    (32, "list item"),
    (37, "page tab"),
    (39, "panel"),
    (40, "password text"),
    (42, "progress bar"),
    (43, "button"),
    (44, "radio button"),
    (51, "slider"),
    (52, "spin button"),
    (54, "status"),
    (62, "toggle button"),
    (79, "entry"),
    (83, "heading"),
    (88, "link"),
    (95, "document"),
    (110, "landmark"),
];

/// Those of what a person operates or follows.
const CONTROLS: [&str; 12] = [
    "button",
    "toggle button",
    "check box",
    "radio button",
    "combo box",
    "entry",
    "password text",
    "slider",
    "spin button",
    "page tab",
    "link",
    "progress bar",
];

fn role_name(role: u32) -> &'static str {
    let known = ROLES.iter().find(|(number, _)| *number == role);
    known.map_or("other", |(_, name)| name)
}

/// Every control of the screen says what it is for.
fn assert_named(nodes: &[Node], screen: &str) {
    let nameless = |node: &&Node| {
        CONTROLS.contains(&role_name(node.role))
            && node.states & SHOWING != 0
            && node.name.trim().is_empty()
    };
    let found = nodes.iter().filter(nameless).count();
    assert_eq!(
        found,
        0,
        "controls without a name on {screen}:\n{}",
        drawn(nodes)
    );
}

fn has(nodes: &[Node], role: &str, name: &str) -> bool {
    nodes
        .iter()
        .any(|node| role_name(node.role) == role && node.name.starts_with(name))
}

#[test]
fn a_screen_reader_finds_its_way() {
    let setup = Setup {
        accessible: true,
        ..Setup::default()
    };
    on_a_desk("accessibility", setup, async |desk| {
        desk.start().await;
        let nodes = tree(desk).await.unwrap();
        let whole = drawn(&nodes);
        assert_named(&nodes, "models");
        assert!(has(&nodes, "landmark", "Screens"), "navigation:\n{whole}");
        for name in [
            "Models",
            "Data",
            "Train",
            "Results",
            "Highlight",
            "Tag files",
            "Settings",
        ] {
            assert!(has(&nodes, "button", name), "no button {name}:\n{whole}");
        }
        assert!(has(&nodes, "heading", "Models"), "no heading:\n{whole}");

        start_a_run(desk, "1").await;
        desk.await_step(2, 90).await;
        let nodes = tree(desk).await.unwrap();
        let whole = drawn(&nodes);
        assert_named(&nodes, "train");
        assert!(has(&nodes, "progress bar", ""), "no progress:\n{whole}");
        assert!(
            nodes.iter().any(Node::is_live),
            "nothing is announced:\n{whole}"
        );
        desk.await_that("the run is over", 180, async |desk| {
            desk.engines().is_empty()
        })
        .await;

        for name in ["data", "results", "highlight", "batch", "settings"] {
            desk.press(&screen(name)).await;
            desk.await_xpath("//h1").await;
            let nodes = tree(desk).await.unwrap();
            assert_named(&nodes, name);
            assert!(has(&nodes, "heading", ""), "{name}:\n{}", drawn(&nodes));
        }
        desk.press(&screen("highlight")).await;
        desk.paste(&id("highlight-text"), "Lumen Desk 4.2.1 shows E-1042.")
            .await;
        desk.await_that("the count of entities is announced", 60, async |desk| {
            let nodes = tree(desk).await.unwrap();
            let counts = |node: &Node| node.text.contains("entit");
            nodes.iter().any(counts)
        })
        .await;
    });
}
