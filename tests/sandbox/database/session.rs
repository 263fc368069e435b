//! One client connection: authentication, then commands until it ends.

use std::collections::HashMap;
use std::io::{self, Read, Write};

use rusqlite::types::Value;

use super::engine::{Answer, Column};
use super::packet::{self, Kind, Reader, Refusal, Wire, put_lenenc, put_text};
use super::{DATABASE, Shared, USER};
use crate::lock;

struct Prepared {
    sql: String,
    parameters: usize,
    types: Vec<(u8, bool)>,
}

/// Serves a connection; returns when it is over.
pub fn serve<S: Read + Write>(shared: &Shared, number: u32, stream: S) -> io::Result<()> {
    let mut wire = Wire::new(stream);
    if !authenticate(shared, number, &mut wire)? {
        return Ok(());
    }
    let mut prepared: HashMap<u32, Prepared> = HashMap::new();
    while let Some(command) = wire.receive(true)? {
        let (Some(&code), body) = (command.first(), command.get(1..).unwrap_or_default()) else {
            return Ok(());
        };
        let answer = match code {
            // COM_QUIT
            0x01 => return Ok(()),
            // COM_INIT_DB, COM_PING
            0x02 | 0x0e => vec![packet::ok(0)],
            // COM_RESET_CONNECTION
            0x1f if !lock(&shared.age).can_reset() => vec![packet::error(&unknown_command(code))],
            0x1f => {
                prepared.clear();
                shared.engine.locks.forget(number);
                vec![packet::ok(0)]
            }
            // COM_QUERY
            0x03 => {
                if !shared.admit() {
                    return Ok(());
                }
                let sql = String::from_utf8_lossy(body).into_owned();
                result(shared.run(number, &sql, &[]), text_row)
            }
            // COM_STMT_PREPARE
            0x16 => {
                if !shared.admit() {
                    return Ok(());
                }
                let sql = String::from_utf8_lossy(body).into_owned();
                prepare(shared, &mut prepared, sql)
            }
            // COM_STMT_EXECUTE
            0x17 => {
                if !shared.admit() {
                    return Ok(());
                }
                let mut reader = Reader(body);
                let id = reader.number(4)? as u32;
                match prepared.get_mut(&id) {
                    Some(statement) => {
                        let values = arguments(statement, &mut reader)?;
                        result(shared.run(number, &statement.sql, &values), binary_row)
                    }
                    None => vec![packet::error(&unknown_statement(id))],
                }
            }
            // COM_STMT_CLOSE has no answer.
            0x19 => {
                prepared.remove(&(Reader(body).number(4)? as u32));
                continue;
            }
            // COM_STMT_RESET
            0x1a => vec![packet::ok(0)],
            other => vec![packet::error(&unknown_command(other))],
        };
        wire.send(&answer)?;
    }
    Ok(())
}

fn authenticate<S: Read + Write>(
    shared: &Shared,
    number: u32,
    wire: &mut Wire<S>,
) -> io::Result<bool> {
    let nonce = super::nonce();
    let version = lock(&shared.age).version();
    wire.send(&[packet::greeting(version, number, &nonce)])?;
    let Some(answer) = wire.receive(false)? else {
        return Ok(false);
    };
    let login = packet::login(&answer)?;
    let proof = if login.plugin == packet::PLUGIN {
        login.proof
    } else {
        wire.send(&[packet::auth_switch(&nonce)])?;
        match wire.receive(false)? {
            Some(proof) => proof,
            None => return Ok(false),
        }
    };
    let proven = login.user == USER && packet::proves_password(&proof, &nonce, &shared.password);
    let verdict = if !proven {
        let text = format!("Access denied for user '{}'@'localhost'", login.user);
        Err(Refusal(1045, "28000", text))
    } else if !login.database.is_empty() && login.database != DATABASE {
        let text = format!("Unknown database '{}'", login.database);
        Err(Refusal(1049, "42000", text))
    } else {
        Ok(())
    };
    match &verdict {
        Ok(()) => wire.send(&[packet::ok(0)])?,
        Err(refusal) => wire.send(&[packet::error(refusal)])?,
    }
    Ok(verdict.is_ok())
}

fn prepare(shared: &Shared, prepared: &mut HashMap<u32, Prepared>, sql: String) -> Vec<Vec<u8>> {
    let (parameters, columns) = match shared.engine.describe(&sql) {
        Ok(found) => found,
        Err(refusal) => return vec![packet::error(&refusal)],
    };
    let id = prepared.keys().max().map_or(1, |last| last + 1);
    let mut head = vec![0];
    head.extend_from_slice(&id.to_le_bytes());
    head.extend_from_slice(&(columns.len() as u16).to_le_bytes());
    head.extend_from_slice(&(parameters as u16).to_le_bytes());
    head.extend_from_slice(&[0, 0, 0]);
    let mut packets = vec![head];
    if parameters > 0 {
        packets.extend((0..parameters).map(|_| packet::column("?", Kind::VarString, false)));
        packets.push(packet::eof());
    }
    if !columns.is_empty() {
        let definitions = columns
            .iter()
            .map(|name| packet::column(name, Kind::VarString, false));
        packets.extend(definitions);
        packets.push(packet::eof());
    }
    prepared.insert(
        id,
        Prepared {
            sql,
            parameters,
            types: Vec::new(),
        },
    );
    packets
}

fn arguments(statement: &mut Prepared, reader: &mut Reader<'_>) -> io::Result<Vec<Value>> {
    // Cursor flags and the iteration count.
    reader.bytes(5)?;
    if statement.parameters == 0 {
        return Ok(Vec::new());
    }
    let nulls = reader.bytes(statement.parameters.div_ceil(8))?.to_vec();
    if reader.number(1)? == 1 {
        statement.types = (0..statement.parameters)
            .map(|_| Ok((reader.number(1)? as u8, reader.number(1)? & 0x80 != 0)))
            .collect::<io::Result<_>>()?;
    }
    if statement.types.len() != statement.parameters {
        return Err(io::Error::other("no types for the parameters"));
    }
    let types = statement.types.iter().enumerate();
    types
        .map(|(index, (kind, unsigned))| {
            if nulls[index / 8] & (1 << (index % 8)) != 0 {
                return Ok(Value::Null);
            }
            argument(*kind, *unsigned, reader)
        })
        .collect()
}

fn argument(kind: u8, unsigned: bool, reader: &mut Reader<'_>) -> io::Result<Value> {
    let integer = |value: u64, size: u32| {
        let shift = 64 - 8 * size;
        let value = value.cast_signed();
        Value::Integer(if unsigned {
            value
        } else {
            value << shift >> shift
        })
    };
    Ok(match kind {
        0x01 => integer(reader.number(1)?, 1),
        0x02 | 0x0d => integer(reader.number(2)?, 2),
        0x03 | 0x09 => integer(reader.number(4)?, 4),
        0x08 => integer(reader.number(8)?, 8),
        0x04 => Value::Real(f32::from_bits(reader.number(4)? as u32).into()),
        0x05 => Value::Real(f64::from_bits(reader.number(8)?)),
        0x06 => Value::Null,
        0x07 | 0x0a | 0x0c => {
            let size = reader.number(1)?;
            let mut fields = Reader(reader.bytes(size as usize)?);
            let (year, month, day) = (fields.number(2)?, fields.number(1)?, fields.number(1)?);
            let mut text = format!("{year:04}-{month:02}-{day:02}");
            if kind != 0x0a {
                let mut next = || fields.number(1).unwrap_or_default();
                text += &format!(" {:02}:{:02}:{:02}", next(), next(), next());
            }
            Value::Text(text)
        }
        _ => {
            let bytes = reader.lenenc_bytes()?;
            match std::str::from_utf8(bytes) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => Value::Blob(bytes.to_vec()),
            }
        }
    })
}

fn result(
    answer: Result<Answer, Refusal>,
    row: impl Fn(&[Column], &[Value]) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(refusal) => return vec![packet::error(&refusal)],
    };
    if answer.columns.is_empty() {
        return vec![packet::ok(answer.affected)];
    }
    let mut head = Vec::new();
    put_lenenc(&mut head, answer.columns.len() as u64);
    let mut packets = vec![head];
    for column in &answer.columns {
        packets.push(packet::column(&column.name, column.kind, column.unsigned));
    }
    packets.push(packet::eof());
    packets.extend(
        answer
            .rows
            .iter()
            .map(|values| row(&answer.columns, values)),
    );
    packets.push(packet::eof());
    packets
}

fn text_row(_: &[Column], values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for value in values {
        match value {
            Value::Null => out.push(0xfb),
            value => put_text(&mut out, &as_text(value)),
        }
    }
    out
}

fn binary_row(columns: &[Column], values: &[Value]) -> Vec<u8> {
    let mut nulls = vec![0_u8; (values.len() + 9) / 8];
    let mut body = Vec::new();
    for (index, (column, value)) in columns.iter().zip(values).enumerate() {
        let bit = index + 2;
        match (column.kind, value) {
            (_, Value::Null) => nulls[bit / 8] |= 1 << (bit % 8),
            (Kind::LongLong, value) => {
                let number = match value {
                    Value::Integer(number) => *number,
                    other => String::from_utf8_lossy(&as_text(other))
                        .parse()
                        .unwrap_or_default(),
                };
                body.extend_from_slice(&number.to_le_bytes());
            }
            (Kind::Double, Value::Real(number)) => body.extend_from_slice(&number.to_le_bytes()),
            (Kind::Date | Kind::DateTime, value) => put_time(&mut body, &as_text(value)),
            (_, value) => put_text(&mut body, &as_text(value)),
        }
    }
    let mut out = vec![0];
    out.append(&mut nulls);
    out.append(&mut body);
    out
}

/// `YYYY-MM-DD` with or without ` HH:MM:SS` in the binary form.
fn put_time(out: &mut Vec<u8>, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let fields: Vec<u16> = text
        .split(['-', ' ', ':', 'T'])
        .map(|field| field.parse().unwrap_or_default())
        .collect();
    let timed = fields.len() >= 6;
    out.push(if timed { 7 } else { 4 });
    out.extend_from_slice(&fields.first().copied().unwrap_or_default().to_le_bytes());
    let rest = fields.iter().skip(1).take(if timed { 5 } else { 2 });
    out.extend(rest.map(|field| *field as u8));
}

fn as_text(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => Vec::new(),
        Value::Integer(number) => number.to_string().into_bytes(),
        Value::Real(number) => number.to_string().into_bytes(),
        Value::Text(text) => text.as_bytes().to_vec(),
        Value::Blob(bytes) => bytes.clone(),
    }
}

fn unknown_command(code: u8) -> Refusal {
    Refusal(1047, "08S01", format!("Unknown command {code}"))
}

fn unknown_statement(id: u32) -> Refusal {
    let text = format!("Unknown prepared statement handler ({id}) given to EXECUTE");
    Refusal(1243, "HY000", text)
}
