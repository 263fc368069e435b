//! mgrctl's command line (billmanager.md 5.1): `-m billmgr [-R] [-o format] [-e 'name=$VARIABLE']… function [name=value …]`.

use super::{Format, Request};

/// A call, read.
#[derive(Debug, Clone)]
pub struct Line {
    pub function: String,
    pub format: Format,
    /// In the order of the command line. A parameter without a value has been dropped.
    pub parameters: Vec<(String, String)>,
    /// Names of parameters that came through the environment.
    pub hidden: Vec<String>,
    /// The panel is to be restarted first (`-R`).
    pub restart: bool,
}

impl Line {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Reads the arguments; the error is a text for stderr.
pub fn parse(request: &Request) -> Result<Line, String> {
    let mut arguments = request.arguments.iter().map(String::as_str);
    let mut manager = None;
    let mut format = Format::Text;
    let mut parameters = Vec::new();
    let mut hidden = Vec::new();
    let mut restart = false;
    let function = loop {
        let argument = arguments.next().ok_or("no function")?;
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{argument} needs a value"))
        };
        match argument {
            "-m" => manager = Some(value()?),
            "-R" => restart = true,
            "-o" => {
                format = format_of(value()?)?;
            }
            "-e" => {
                let (name, variable) = value()?
                    .split_once("=$")
                    .ok_or("-e wants 'name=$VARIABLE'")?;
                let found = request.environment.get(variable);
                let found = found.ok_or_else(|| format!("no variable {variable}"))?;
                hidden.push(name.to_owned());
                parameters.push((name.to_owned(), found.clone()));
            }
            option if option.starts_with('-') => return Err(format!("unknown option {option}")),
            function => break function.to_owned(),
        }
    };
    if manager != Some("billmgr") {
        return Err(format!("unknown manager {manager:?}"));
    }
    for argument in arguments {
        let (name, value) = argument
            .split_once('=')
            .ok_or_else(|| format!("'{argument}' is not name=value"))?;
        match name {
            "out" => format = format_of(value)?,
            "lang" | "su" => {}
            _ => parameters.push((name.to_owned(), value.to_owned())),
        }
    }
    for (index, (name, _)) in parameters.iter().enumerate() {
        if parameters[..index].iter().any(|(other, _)| other == name) {
            return Err(format!("{name} is given twice"));
        }
    }
    // The panel drops an identifier without a value (billmanager.md 5.3).
    parameters.retain(|(name, value)| name != "elid" || !value.is_empty());
    Ok(Line {
        function,
        format,
        parameters,
        hidden,
        restart,
    })
}

fn format_of(name: &str) -> Result<Format, String> {
    match name {
        "text" => Ok(Format::Text),
        "xml" | "devel" => Ok(Format::Xml),
        other => Err(format!("output format {other} is not simulated")),
    }
}
