//! Signs that a device belongs to a person: what it calls itself, what it announces, who made it (promise P2).

use rundgang_inventory::{
    Confidence, Fields, Kind, Mac, Recognition, Told, Value,
    kind::Class,
    recognise,
    vocabulary::{LLDP_CAPABILITIES, NDP_ROUTER, PJLINK_SEARCH},
};

/// Words in announcements that only personal devices use of themselves.
const WORDS: &[&str] = &[
    "macbook",
    "iphone",
    "ipad",
    "ipod",
    "imac",
    "macmini",
    "mac mini",
    "mac-mini",
    "macstudio",
    "mac studio",
    "mac-studio",
    "macpro",
    "mac pro",
    "mac-pro",
    "laptop",
    "notebook",
    "thinkpad",
    "chromebook",
    "surface pro",
];

/// Fields in which those words count: what the device calls itself and announces of itself.
const OWN_WORDS: &[&str] =
    &["mdns.hostname", "mdns.txt", "mdns.instances", "wsd.name", "upnp.friendly_name", "told.name"];

/// Services that people's devices announce and infrastructure (receivers and speakers apart) does not.
const SERVICES: &[&str] = &[
    "_companion-link._tcp",
    "_rdlink._tcp",
    "_apple-mobdev2._tcp",
    "_hscp._tcp",
    "_daap._tcp",
    "_home-sharing._tcp",
    "_fc9f5ed42c8a._tcp",
];

/// Makers whose blocks in a school are mostly people's devices. A recognised kind comes before this.
const MAKERS: &[&str] = &[
    "apple",
    "intel",
    "murata",
    "azurewave",
    "liteon",
    "lite-on",
    "rivet",
    "oneplus",
    "oppo",
    "guangdong oppo",
    "vivo",
    "xiaomi",
    "motorola mobility",
    "hmd global",
    "fairphone",
    "nothing technology",
    "realme",
    "honor device",
    "chongqing fugui",
    "hon hai",
    "cloud network technology",
    "wistron",
    "quanta",
    "compal",
    "pegatron",
    "clevo",
    "microsoft",
    "dynabook",
    "micro-star",
    "chicony",
    "huawei device",
    "asustek",
    "asrock",
    "gigaset communications gmbh mobile",
];

/// Prefixes that hypervisors and containers make up: KVM and QEMU, Docker, Xen's and VirtualBox' own.
const VIRTUAL: &[[u8; 3]] = &[[0x52, 0x54, 0x00], [0x02, 0x42, 0xac], [0x0a, 0x00, 0x27]];

/// Whether a locally administered address is one that a hypervisor made up.
pub(super) fn is_virtual(mac: Mac) -> bool {
    VIRTUAL.iter().any(|prefix| mac.0.starts_with(prefix))
}

/// Whether the evidence says that somebody carries or uses this device as their own.
pub(super) fn is_personal(fields: &Fields, recognition: &Recognition) -> bool {
    let surely_infrastructure = recognition.kind.as_ref().is_some_and(|kind| {
        kind.confidence == Confidence::High && kind.value.class() == Class::Infrastructure
    });
    let calls_itself = |name: &str| texts(fields.named(name)).iter().any(|text| has_word(text));
    // A computer that shares its printer announces a printer, and still calls itself a computer.
    if ["mdns.hostname", "mdns.txt", "wsd.name"].iter().any(|name| calls_itself(name))
        || is_apple_computer(fields)
    {
        return true;
    }
    if surely_infrastructure {
        return false;
    }
    OWN_WORDS.iter().any(|name| calls_itself(name))
        || texts(fields.named("mdns.services")).iter().any(|service| {
            let service = service.to_lowercase();
            SERVICES.iter().any(|personal| service.starts_with(personal))
        })
}

/// Whether it calls itself a computer by WS-Discovery. Every Windows does and every Samba with its companion, so that
/// servers and network storage say it as well as anybody's notebook.
pub(super) fn says_computer(fields: &Fields) -> bool {
    texts(fields.named("wsd.types")).iter().any(|kind| kind.to_lowercase().ends_with("computer"))
}

/// What a device says, without an answer to the search for projectors where what else is known speaks of a computer or of a
/// maker of people's devices: a datagram tells its sender's addresses, and whoever writes them can write anybody's. Such a
/// device has to show by more than that what it is. And without the word that it forwards frames or routes, which any notebook
/// says that runs virtual machines or shares its connection; nobody carries a desk telephone.
pub(super) fn believed(mac: Option<Mac>, mut fields: Fields) -> Fields {
    fields.remove(NDP_ROUTER.name);
    if texts(fields.remove(LLDP_CAPABILITIES.name).as_ref()).iter().any(|told| told == "telephone") {
        fields.set(&LLDP_CAPABILITIES, Value::List(vec!["telephone".to_owned()]));
    }
    let Some(answer) = fields.remove(PJLINK_SEARCH.name) else { return fields };
    let otherwise = recognise(mac, &fields);
    let personal = otherwise.kind.as_ref().is_some_and(|kind| kind.value.class() != Class::Infrastructure)
        || says_computer(&fields)
        || is_makers_of_personal_devices(&otherwise);
    if personal { fields } else { fields.with(&PJLINK_SEARCH, answer) }
}

/// Whether the block of this address belongs to a maker who builds network storage and nothing else.
pub(super) fn is_makers_of_storage(mac: Mac) -> bool {
    recognise(Some(mac), &Fields::new()).kind.is_some_and(|kind| kind.value == Kind::Nas)
}

fn is_apple_computer(fields: &Fields) -> bool {
    texts(fields.named("mdns.txt")).iter().any(|pair| {
        // Apple's own computers name themselves Mac and a number: model=Mac16,9.
        pair.split_once("model=Mac").is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

fn has_word(text: &str) -> bool {
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Text(text)) => vec![text.clone()],
        Some(Value::List(items)) => items.clone(),
        Some(Value::Table(rows)) => {
            rows.iter().flat_map(|row| row.values().flat_map(|cell| texts(Some(cell)))).collect()
        }
        _ => Vec::new(),
    }
}

/// What the device itself announces to be by multicast, its MAC address left aside.
pub(super) fn announced_kind(fields: &Fields) -> Option<Kind> {
    let announced: Fields = fields
        .iter()
        .filter(|(name, _)| ["mdns.", "ssdp.", "upnp.", "wsd."].iter().any(|prefix| name.starts_with(prefix)))
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    recognise(None, &announced).kind.map(|told| told.value)
}

/// Whether it is taken for a server for programs alone that run on anybody's computer: such a one is asked further, and counted
/// where nothing better comes.
pub(super) fn is_anybodys(recognition: &Recognition) -> bool {
    let is_guess = |told: &Told<Kind>| told.value == Kind::Server && told.confidence == Confidence::Low;
    let common = |service: &String| ["ssh", "ftp", "libvirt"].contains(&service.as_str());
    recognition.kind.as_ref().is_some_and(is_guess) && recognition.services.iter().all(common)
}

/// Whether nothing but the maker is known, and that one mostly makes people's devices.
pub(super) fn is_makers_of_personal_devices(recognition: &Recognition) -> bool {
    recognition.kind.is_none()
        && recognition.vendor.as_ref().is_some_and(|vendor| {
            let vendor = vendor.value.to_lowercase();
            MAKERS.iter().any(|maker| vendor.starts_with(maker))
        })
}
