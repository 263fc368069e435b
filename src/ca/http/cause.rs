//! Why an exchange broke off, in words for people: the library's own are English and speak of its inside.

use std::error::Error;
use std::io::{self, ErrorKind};

use crate::domain::text::Words;
use crate::log;

/// The cause of an error; the library's words go to the log.
pub(super) fn told(operation: &str, error: &(dyn Error + 'static)) -> Words {
    let chain = chain(error);
    let texts: Vec<String> = chain.iter().map(ToString::to_string).collect();
    log!(Http, Ext, "{operation}: {}", texts.join(": "));
    of_name(&texts)
        .or_else(|| chain.iter().find_map(|error| of_system(*error)))
        .or_else(|| of_library(&texts))
        .unwrap_or_else(|| words!("the connection broke off", "соединение прервалось"))
}

/// The error and what is behind it, from the outside inwards.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    let mut found = vec![error];
    let mut next = error.source();
    while let Some(error) = next {
        found.push(error);
        next = error.source();
    }
    found
}

/// A name that cannot be resolved: the system's error below it may be of any kind.
fn of_name(texts: &[String]) -> Option<Words> {
    let is_name = texts.iter().any(|text| text.starts_with("dns error"));
    is_name.then(|| {
        words!(
            "the name of the host is not found in DNS",
            "имя узла не найдено в DNS"
        )
    })
}

fn of_system(error: &(dyn Error + 'static)) -> Option<Words> {
    Some(match error.downcast_ref::<io::Error>()?.kind() {
        ErrorKind::ConnectionRefused => {
            words!("the connection was refused", "в соединении отказано")
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            words!("the connection was reset", "соединение сброшено")
        }
        ErrorKind::TimedOut => words!("timed out", "время ожидания истекло"),
        ErrorKind::UnexpectedEof => closed(),
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown | ErrorKind::HostUnreachable => {
            words!(
                "there is no way through the network to the host",
                "по сети до узла нет пути"
            )
        }
        ErrorKind::InvalidData | ErrorKind::InvalidInput => {
            words!(
                "the answer cannot be unpacked",
                "ответ не удаётся распаковать"
            )
        }
        ErrorKind::AddrNotAvailable => words!(
            "the address to connect from is not one of this server",
            "адреса, с которого нужно соединяться, на этом сервере нет"
        ),
        ErrorKind::PermissionDenied => words!(
            "this server does not permit the connection",
            "этот сервер не разрешает соединение"
        ),
        _ => return None,
    })
}

fn closed() -> Words {
    words!(
        "the connection was closed before the answer was complete",
        "соединение закрыто раньше, чем пришёл весь ответ"
    )
}

/// What only the library knows, by its words; unknown ones are no harm.
fn of_library(texts: &[String]) -> Option<Words> {
    let says = |parts: &[&str]| {
        texts
            .iter()
            .any(|text| parts.iter().any(|part| text.contains(part)))
    };
    if says(&["closed before message completed", "end of file before"]) {
        return Some(closed());
    }
    if says(&["proxy authorization required"]) {
        return Some(words!(
            "the proxy wants credentials",
            "прокси требует учётные данные"
        ));
    }
    if says(&["tunnel error"]) {
        return Some(words!(
            "the proxy makes no connection to the host",
            "прокси не соединяет с узлом"
        ));
    }
    says(&["invalid HTTP", "message head is too large", "parsed"]).then(|| {
        words!(
            "what came is no answer of a web server",
            "пришёл не ответ веб-сервера"
        )
    })
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    /// An error of the library with what is behind it.
    #[derive(Debug)]
    struct Outer(&'static str, Option<io::Error>);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_ref().map(|error| error as &(dyn Error + 'static))
        }
    }

    #[test]
    fn causes_are_told_in_own_words_of_both_languages() {
        let tcp = |kind| Outer("tcp connect error", Some(io::Error::from(kind)));
        let of = |text| Outer(text, None);
        for (error, english) in [
            (
                tcp(ErrorKind::ConnectionRefused),
                "the connection was refused",
            ),
            (tcp(ErrorKind::ConnectionReset), "the connection was reset"),
            (tcp(ErrorKind::BrokenPipe), "the connection was reset"),
            (tcp(ErrorKind::TimedOut), "timed out"),
            (
                tcp(ErrorKind::NetworkUnreachable),
                "there is no way through the network to the host",
            ),
            (
                tcp(ErrorKind::AddrNotAvailable),
                "the address to connect from is not one of this server",
            ),
            (
                Outer("dns error", Some(io::Error::other("failed to lookup"))),
                "the name of the host is not found in DNS",
            ),
            (
                of("connection closed before message completed"),
                "the connection was closed before the answer was complete",
            ),
            (
                of("tunnel error: proxy authorization required"),
                "the proxy wants credentials",
            ),
            (
                of("tunnel error: unsuccessful"),
                "the proxy makes no connection to the host",
            ),
            (
                of("invalid HTTP version parsed"),
                "what came is no answer of a web server",
            ),
            (of("something new"), "the connection broke off"),
        ] {
            let words = told("order/status", &error);
            assert_eq!(words.en(), english, "{error}");
            let russian = words.get(crate::domain::text::Language::Russian);
            assert!(!russian.is_ascii(), "{russian}");
        }
    }
}
