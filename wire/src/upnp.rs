//! UPnP device descriptions (UPnP Device Architecture 2.0 section 2.3): the root device and those within it.

use crate::xml::{Element, elements};

/// Devices of one description that are read.
const MAX_DEVICES: usize = 16;
/// Vendors' own elements of one device that are read.
const MAX_EXTENSIONS: usize = 24;

/// One device of a description; the first is the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// `deviceType`.
    pub device_type: String,
    /// `friendlyName`.
    pub friendly_name: String,
    /// `manufacturer`.
    pub manufacturer: String,
    /// `modelName`.
    pub model_name: String,
    /// `modelNumber`.
    pub model_number: String,
    /// `modelDescription`.
    pub model_description: String,
    /// `serialNumber`, or `serialNum` as some write.
    pub serial: String,
    /// `UDN`.
    pub udn: String,
    /// `softwareVersion`, or the `Display` of a `systemVersion`: not in the standard.
    pub software_version: String,
    /// Elements with a vendor's namespace prefix, by name.
    pub extensions: Vec<(String, String)>,
}

/// Reads a description. Empty where the document describes no device.
#[must_use]
pub fn description(document: &[u8]) -> Vec<Device> {
    let mut devices: Vec<Device> = Vec::new();
    let mut system_version = None;
    for element in elements(document) {
        let path: Vec<&str> = element.path.iter().map(AsRef::as_ref).collect();
        match path.as_slice() {
            [.., "device"] if devices.len() < MAX_DEVICES => devices.push(Device::default()),
            [.., "device"] => break,
            [.., "systemVersion", "Display"] => system_version = Some(element.text),
            [.., "device", name] => {
                if let Some(device) = devices.last_mut() {
                    device.set(name, &element);
                }
            }
            _ => {}
        }
    }
    if let (Some(root), Some(version)) = (devices.first_mut(), system_version)
        && root.software_version.is_empty()
    {
        root.software_version = version;
    }
    devices
}

impl Device {
    fn set(&mut self, name: &str, element: &Element) {
        let text = &element.text;
        let place = match name {
            "deviceType" => &mut self.device_type,
            "friendlyName" => &mut self.friendly_name,
            "manufacturer" => &mut self.manufacturer,
            "modelName" => &mut self.model_name,
            "modelNumber" => &mut self.model_number,
            "modelDescription" => &mut self.model_description,
            "serialNumber" | "serialNum" => &mut self.serial,
            "UDN" => &mut self.udn,
            "softwareVersion" => &mut self.software_version,
            _ => {
                // `dlna` and the like are standards, not a vendor's word.
                let own =
                    !element.prefix.is_empty() && !matches!(element.prefix.as_str(), "dlna" | "pnpx" | "df");
                if own && !text.is_empty() && self.extensions.len() < MAX_EXTENSIONS {
                    self.extensions.push((name.to_owned(), text.clone()));
                }
                return;
            }
        };
        if place.is_empty() {
            place.clone_from(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_and_embedded_devices() {
        let document = b"<root xmlns:v='urn:v'><systemVersion><Display>7.57</Display></systemVersion><device>
            <deviceType>urn:a</deviceType><friendlyName>Aula</friendlyName><manufacturer>Example</manufacturer>
            <modelName>TV 1</modelName><serialNum>S1</serialNum><UDN>uuid:1</UDN><v:Cap>Y2018</v:Cap>
            <iconList><icon><width>1</width></icon></iconList>
            <deviceList><device><deviceType>urn:b</deviceType><modelName>inner</modelName></device></deviceList>
            </device></root>";
        let devices = description(document);
        assert_eq!(devices.len(), 2);
        let root = &devices[0];
        assert_eq!((root.friendly_name.as_str(), root.serial.as_str()), ("Aula", "S1"));
        assert_eq!(root.software_version, "7.57");
        assert_eq!(root.extensions, [("Cap".to_owned(), "Y2018".to_owned())]);
        assert_eq!((devices[1].device_type.as_str(), devices[1].model_name.as_str()), ("urn:b", "inner"));
    }

    #[test]
    fn no_description() {
        assert!(description(b"<html><body>404</body></html>").is_empty());
        assert!(description(b"").is_empty());
    }
}
