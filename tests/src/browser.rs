//! A real browser for the tests: headless Chromium, driven over the WebDriver protocol (W3C WebDriver, level 2).
//!
//! The few verbs the tests need are spoken by hand over loopback HTTP, which keeps a hundred crates out of the tree.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

/// One browser window. Dropping it ends the browser and its driver.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

/// Why there is no browser here, in one line; `None` where there is one.
#[must_use]
pub fn cannot_browse() -> Option<String> {
    ["/usr/bin/chromium", "/usr/bin/chromedriver"]
        .into_iter()
        .find(|path| !Path::new(path).exists())
        .map(|path| format!("{path} is not installed"))
}

impl Browser {
    /// Opens a window of that size in CSS pixels.
    ///
    /// # Errors
    /// Where driver or browser do not start.
    pub fn open(width: u32, height: u32) -> Result<Self> {
        let mut driver = Command::new("/usr/bin/chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting chromedriver")?;
        let out = driver.stdout.take().context("reading the driver's output")?;
        let mut port = None;
        for line in BufReader::new(out).lines() {
            let line = line?;
            if let Some(rest) = line.split("on port ").nth(1) {
                port = rest.trim_end_matches('.').trim().parse().ok();
                if line.contains("success") {
                    break;
                }
            }
        }
        let port = port.context("chromedriver did not say its port")?;
        let profile = tempfile::tempdir().context("making a browser profile")?;
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        let folder = browser._profile.path().display().to_string();
        // Without the background flags Chromium asks the outside world for updates at every start.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=de",
            &format!("--user-data-dir={folder}"),
            &format!("--window-size={width},{height}"),
        ];
        let mut options = json!({ "binary": "/usr/bin/chromium", "args": arguments });
        if width < 600 {
            // A window cannot be made as narrow as a telephone; the emulation can.
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 2.0 } });
        }
        let answer = browser.call(
            "POST",
            "/session",
            &json!({ "capabilities": { "alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": options
            } } }),
        )?;
        browser.session = answer["sessionId"].as_str().context("a browser session")?.to_owned();
        Ok(browser)
    }

    /// Goes to an address and waits until the page has loaded.
    ///
    /// # Errors
    /// Where the page cannot be loaded.
    pub fn go(&mut self, url: &str) -> Result<()> {
        self.command("/url", &json!({ "url": url })).map(drop)
    }

    /// The text a person sees on the page.
    ///
    /// # Errors
    /// Where the browser does not answer.
    pub fn text(&mut self) -> Result<String> {
        self.script("return document.body.innerText")
            .map(|value| value.as_str().unwrap_or_default().to_owned())
    }

    /// Where the browser is.
    ///
    /// # Errors
    /// Where the browser does not answer.
    pub fn address(&mut self) -> Result<String> {
        let path = format!("/session/{}/url", self.session);
        self.call("GET", &path, &Value::Null).map(|value| value.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page and returns what it returns.
    ///
    /// # Errors
    /// Where the script throws.
    pub fn script(&mut self, script: &str) -> Result<Value> {
        self.command("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Clicks the first element a CSS selector finds.
    ///
    /// # Errors
    /// Where there is none.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        let element = self.element("css selector", selector)?;
        self.press(&element)
    }

    /// Clicks the link with that text.
    ///
    /// # Errors
    /// Where there is none.
    pub fn follow(&mut self, text: &str) -> Result<()> {
        let element = self.element("partial link text", text)?;
        self.press(&element)
    }

    /// Types into the first field a CSS selector finds, replacing what stood there.
    ///
    /// # Errors
    /// Where there is none.
    pub fn fill(&mut self, selector: &str, text: &str) -> Result<()> {
        let element = self.element("css selector", selector)?;
        self.command(&format!("/element/{element}/clear"), &json!({}))?;
        self.command(&format!("/element/{element}/value"), &json!({ "text": text })).map(drop)
    }

    /// A picture of the whole page, as PNG.
    ///
    /// # Errors
    /// Where the browser does not answer.
    pub fn picture(&mut self) -> Result<Vec<u8>> {
        let body = json!({ "cmd": "Page.captureScreenshot", "params": { "captureBeyondViewport": true } });
        let answer = self.command("/goog/cdp/execute", &body)?;
        let text = answer["data"].as_str().context("a picture")?;
        data_encoding::BASE64.decode(text.as_bytes()).context("reading the picture")
    }

    /// Keeps a picture of the page in the folder that the environment variable `RUNDGANG_PICTURES` names; without it
    /// nothing is kept. For people who look at what they changed.
    ///
    /// # Errors
    /// Where the browser does not answer or the folder cannot be written to.
    pub fn keep_picture(&mut self, name: &str) -> Result<()> {
        let Some(folder) = std::env::var_os("RUNDGANG_PICTURES") else { return Ok(()) };
        let plain = name.replace(|c: char| !c.is_alphanumeric(), "-");
        let file = Path::new(&folder).join(format!("{plain}.png"));
        std::fs::write(file, self.picture()?).context("keeping a picture")
    }

    /// Clicks, and where the click leads to another page waits until that one stands: the driver's own wait misses a
    /// form's answer on a busy machine. Each look asks the browser; their number is bounded.
    fn press(&mut self, element: &str) -> Result<()> {
        let target = json!({ "element-6066-11e4-a52e-4f735466cecf": element });
        let script =
            "window.isOld = true; const e = arguments[0]; return e.matches('a[href], button, [type=submit]')";
        let leaves = self.command("/execute/sync", &json!({ "script": script, "args": [target] }))?;
        self.command(&format!("/element/{element}/click"), &json!({}))?;
        if leaves != Value::Bool(true) {
            return Ok(());
        }
        for _ in 0..2000 {
            let stands = self.script("return !window.isOld && document.readyState === 'complete'");
            if matches!(stands, Ok(Value::Bool(true))) {
                return Ok(());
            }
        }
        bail!("the click led to no new page")
    }

    fn element(&mut self, using: &str, value: &str) -> Result<String> {
        let found = self
            .command("/element", &json!({ "using": using, "value": value }))
            .with_context(|| format!("looking for '{value}'"))?;
        let id = found.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
        Ok(id.context("an element's id")?.to_owned())
    }

    fn command(&mut self, path: &str, body: &Value) -> Result<Value> {
        let path = format!("/session/{}{path}", self.session);
        self.call("POST", &path, body)
    }

    fn call(&mut self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).context("reaching chromedriver")?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().context("reading a length")?;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).context("reading the driver's answer")?;
        let mut answer: Value = serde_json::from_slice(&answer).context("understanding the driver")?;
        let value = answer["value"].take();
        if let Some(error) = value["error"].as_str() {
            bail!("the browser refused {path}: {error}: {}", value["message"].as_str().unwrap_or_default());
        }
        Ok(value)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let path = format!("/session/{}", self.session);
            // The driver is ended below in any case.
            self.call("DELETE", &path, &Value::Null).ok();
        }
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}
