//! Reads a page's HTML more strictly than a browser: every element closed in order, every text and
//! attribute escaped.
use std::collections::BTreeSet;

/// Elements that hold nothing (HTML, section 13.1.2).
const VOID: [&str; 7] = ["meta", "link", "input", "br", "hr", "img", "base"];

pub struct Element {
    pub name: String,
    /// With their values unescaped.
    pub attributes: Vec<(String, String)>,
    /// The name of the element around it.
    pub around: String,
    /// The text right inside it.
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|(it, _)| it == name)
            .map(|(_, value)| value.as_str())
    }
}

pub struct Document {
    /// In the order they begin.
    pub elements: Vec<Element>,
    /// All text outside of scripts.
    pub text: String,
}

impl Document {
    pub fn read(html: &str) -> Result<Document, String> {
        let mut reader = Reader {
            rest: html,
            open: Vec::new(),
            document: Document {
                elements: Vec::new(),
                text: String::new(),
            },
        };
        while !reader.rest.is_empty() {
            reader.step()?;
        }
        match reader.open.last() {
            Some(index) => Err(format!(
                "<{}> is not closed",
                reader.document.elements[*index].name
            )),
            None => Ok(reader.document),
        }
    }

    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |it| it.name == name)
    }

    /// All values of an attribute.
    pub fn values<'a>(&'a self, attribute: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.elements.iter();
        all.filter_map(move |it| it.attribute(attribute))
    }

    /// The title, unless there is none or more than one.
    pub fn title(&self) -> Option<&str> {
        let mut all = self.named("title").filter(|it| it.around == "head");
        let title = all.next()?.text.as_str();
        all.next().is_none().then_some(title)
    }

    /// What is wrong with it, whatever page it is.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let headings = self.named("h1").count();
        if headings != 1 {
            faults.push(format!("{headings} h1"));
        }
        if self.title().is_none_or(|title| title.trim().is_empty()) {
            faults.push("no title".to_owned());
        }
        if self.named("main").count() != 1 {
            faults.push("no main".to_owned());
        }
        let mut ids = BTreeSet::new();
        for id in self.values("id") {
            if !ids.insert(id) {
                faults.push(format!("two with the id {id}"));
            }
        }
        let references = ["for", "aria-describedby", "aria-labelledby", "list"]
            .iter()
            .flat_map(|name| self.values(name))
            .flat_map(|ids| ids.split(' '));
        let links = self.values("href").filter_map(|it| it.strip_prefix('#'));
        for id in references.chain(links) {
            if !ids.contains(id) {
                faults.push(format!("nothing has the id {id}, which is referred to"));
            }
        }
        faults.extend(self.elements.iter().flat_map(dangers));
        faults
    }
}

/// What an element does that no element of ours may do.
fn dangers(it: &Element) -> Vec<String> {
    let mut dangers = Vec::new();
    for (name, value) in &it.attributes {
        let runs = ["href", "src", "action", "formaction"].contains(&name.as_str()) && {
            let value: String = value
                .chars()
                .filter(|c| !c.is_whitespace() && !c.is_control())
                .collect();
            ["javascript:", "data:", "vbscript:"]
                .iter()
                .any(|scheme| value.to_ascii_lowercase().starts_with(scheme))
        };
        if runs || name.starts_with("on") || name == "style" || name == "srcdoc" {
            dangers.push(format!("<{}> has {name}={value:?}", it.name));
        }
    }
    if ["img", "iframe", "object", "embed", "base"].contains(&it.name.as_str()) {
        dangers.push(format!("there is an <{}>", it.name));
    }
    // Either keeps a script from ending where it seems to (HTML, section 13.2.5.17).
    if it.name == "script" && (it.text.contains("<!--") || it.text.contains("<script")) {
        dangers.push(format!("a script that holds markup: {}", it.text));
    }
    if it.name == "script" && it.attribute("nonce").is_none() {
        dangers.push(format!("a script without a nonce: {}", it.text));
    }
    dangers
}

struct Reader<'a> {
    rest: &'a str,
    /// Indices of the elements that are open, outermost first.
    open: Vec<usize>,
    document: Document,
}

impl<'a> Reader<'a> {
    fn step(&mut self) -> Result<(), String> {
        if let Some(rest) = self.rest.strip_prefix("<!--") {
            self.rest = after(rest, "-->")?.1;
        } else if let Some(rest) = self.rest.strip_prefix("<!") {
            self.rest = after(rest, ">")?.1;
        } else if let Some(rest) = self.rest.strip_prefix("</") {
            let (name, rest) = after(rest, ">")?;
            self.rest = rest;
            let open = self.open.pop().map(|it| &self.document.elements[it].name);
            if open.is_none_or(|open| open != name) {
                return Err(format!("</{name}> closes {open:?}"));
            }
        } else if let Some(rest) = self.rest.strip_prefix('<') {
            self.rest = rest;
            self.element()?;
        } else {
            let end = self.rest.find('<').unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest;
            self.put(&unescaped(text)?);
        }
        Ok(())
    }

    fn put(&mut self, text: &str) {
        self.document.text.push_str(text);
        if let Some(index) = self.open.last() {
            self.document.elements[*index].text.push_str(text);
        }
    }

    fn element(&mut self) -> Result<(), String> {
        let name = self.word();
        if name.is_empty() {
            return Err(format!("a bare < before {:?}", start(self.rest)));
        }
        let mut attributes: Vec<(String, String)> = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                break;
            }
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                break;
            }
            let attribute = self.word();
            if attribute.is_empty() {
                return Err(format!("<{name}> holds {:?}", start(self.rest)));
            }
            if attributes.iter().any(|(it, _)| *it == attribute) {
                return Err(format!("<{name}> has {attribute} twice"));
            }
            let value = match self.rest.strip_prefix("=\"") {
                Some(rest) => {
                    let (value, rest) = after(rest, "\"")?;
                    self.rest = rest;
                    unescaped(value)?
                }
                None => String::new(),
            };
            attributes.push((attribute, value));
        }
        let around = self
            .open
            .last()
            .map(|it| self.document.elements[*it].name.clone());
        self.document.elements.push(Element {
            name: name.clone(),
            attributes,
            around: around.unwrap_or_default(),
            text: String::new(),
        });
        if VOID.contains(&name.as_str()) {
            return Ok(());
        }
        self.open.push(self.document.elements.len() - 1);
        // A parser looks for no markup in these, only for their end (HTML, section 13.2.5).
        match name.as_str() {
            "script" | "style" => self.raw(&name),
            "textarea" | "title" => {
                let (text, _) = after(self.rest, "</")?;
                self.rest = &self.rest[text.len()..];
                self.put(&unescaped(text)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn raw(&mut self, name: &str) -> Result<(), String> {
        let (text, _) = after(self.rest, &format!("</{name}"))?;
        self.rest = &self.rest[text.len()..];
        if let Some(last) = self.document.elements.last_mut() {
            text.clone_into(&mut last.text);
        }
        Ok(())
    }

    fn word(&mut self) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':' || c == '_';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }
}

fn start(text: &str) -> String {
    text.chars().take(60).collect()
}

fn after<'a>(text: &'a str, end: &str) -> Result<(&'a str, &'a str), String> {
    text.split_once(end)
        .ok_or_else(|| format!("no {end} after {:?}", start(text)))
}

/// Text with its character references resolved. A bare `&` stands only where a parser leaves it alone.
fn unescaped(text: &str) -> Result<String, String> {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = after(part, ";")?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#x27" | "#39" => '\'',
            other => return Err(format!("&{other}; is not known here")),
        });
        out.push_str(rest);
    }
    Ok(out)
}
