//! The vendor's error codes (globalsign.md 9): the only table of what they mean.

use crate::module::Text;

/// What a code asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// User name or password, or a user that may not use the API.
    Credentials,
    /// Our address is not on the allow-list.
    Address,
    /// The account is invalid, stopped or locked.
    Locked,
    /// Not enough money.
    Funds,
    /// The form of the request, which differs from call to call: nothing happened.
    Form,
    /// The data or the account's rights do not allow it: nothing happened, and nothing will without
    /// a change.
    Refused,
    /// There is no such order, or it is another account's.
    NoOrder,
    /// The number of a pre-numbered order has been used: the order exists.
    Used,
    /// The order is already in the state that was asked for, or past it.
    PastIt,
    /// The published proof was not found.
    NoProof,
    /// The vendor is in trouble: a read may be repeated, a paid call may have gone through.
    Trouble,
    /// Says nothing about the outcome.
    Unclear,
    /// Refused, or done already, be it by the very call that is answered, delivered twice on its way. A question that
    /// orders nothing is answered by it; of a paid call it says nothing.
    RefusedOrDone,
}

use Class::{
    Address, Credentials, Form, Funds, Locked, NoOrder, NoProof, PastIt, Refused, RefusedOrDone,
    Trouble, Unclear, Used,
};

/// Every code of the reference. The texts are ours; the vendor's own text is shown beside them.
#[rustfmt::skip] // One code, one line.
pub(super) const CODES: &[(i32, Class, Text)] = &[
    // Also the answer to an unknown order number and to a refused renewal.
    (-1, Trouble, Text::new("internal error of the vendor", "внутренняя ошибка поставщика")),
    (-101, Form, Text::new("a parameter is invalid", "параметр недопустим")),
    (-102, Form, Text::new("a mandatory parameter is missing", "не указан обязательный параметр")),
    (-103, Form, Text::new("a parameter is too long", "параметр слишком длинный")),
    (-104, Form, Text::new("a parameter has the wrong format", "у параметра неверный формат")),
    (-105, Form, Text::new("a combination of parameters is not allowed", "сочетание параметров недопустимо")),
    (-109, Form, Text::new("a parameter is missing", "не указан параметр")),
    (-201, Trouble, Text::new("system error of the vendor", "системная ошибка поставщика")),
    (-300, Trouble, Text::new("database error of the vendor", "ошибка базы данных поставщика")),
    (-301, Trouble, Text::new("database error of the vendor", "ошибка базы данных поставщика")),
    (-2001, Unclear, Text::new("the notification mail could not be sent", "не удалось отправить письмо с уведомлением")),
    (-3002, NoProof, Text::new("the domain is not found in WHOIS", "домен не найден в WHOIS")),
    (-3012, NoProof, Text::new("the domain could not be validated by a DNS look-up", "не удалось проверить домен через DNS")),
    (-3013, Trouble, Text::new("the vendor's DNS service is not available", "служба DNS поставщика недоступна")),
    (-3019, Trouble, Text::new("the vendor's DNS service is not available", "служба DNS поставщика недоступна")),
    (-3022, NoProof, Text::new("the SOA record is not found", "запись SOA не найдена")),
    (-3025, NoProof, Text::new("the SOA record is not found", "запись SOA не найдена")),
    (-3026, NoProof, Text::new("the TXT record is not found", "запись TXT не найдена")),
    (-4001, Credentials, Text::new("user name or password is wrong", "неверное имя пользователя или пароль")),
    (-4003, NoOrder, Text::new("the order does not exist", "заказ не существует")),
    (-4004, Used, Text::new("the order number has been used already", "номер заказа уже использован")),
    (-4005, Refused, Text::new("refused by the vendor's business rules", "отказано по правилам поставщика")),
    (-4006, Refused, Text::new("the CSR does not fit the order: common name, key type or length", "CSR не подходит к заказу: общее имя (CN), тип или длина ключа")),
    (-4007, Refused, Text::new("the CSR is invalid", "CSR недопустим")),
    (-4008, Refused, Text::new("the certificate to transfer from is expired, of another name or not reachable", "исходный сертификат истёк, выписан на другое имя или недоступен")),
    (-4009, Refused, Text::new("the approver address is not allowed", "адрес подтверждения не разрешён")),
    // Whose reissue it was is not said: it may be the one whose answer was lost.
    (-4016, RefusedOrDone, Text::new("the certificate has been reissued already", "сертификат уже перевыпущен")),
    (-4083, Refused, Text::new("the common name is outside the account's domains", "общее имя (CN) не входит в домены учётной записи")),
    (-4147, NoProof, Text::new("the proof of domain control is not found", "подтверждение прав на домен не найдено")),
    (-4201, Address, Text::new("this server's address is not registered for the API", "адрес этого сервера не зарегистрирован для API")),
    (-5001, Unclear, Text::new("the name is held for a phishing review", "имя задержано для проверки на фишинг")),
    (-6002, Refused, Text::new("the certificate to transfer from cannot be read", "исходный сертификат не читается")),
    (-6007, Refused, Text::new("the key is in use under another common name", "ключ уже используется с другим общим именем (CN)")),
    (-6017, Refused, Text::new("too many additional names", "слишком много дополнительных имён")),
    (-6018, Refused, Text::new("an additional name is invalid", "дополнительное имя недопустимо")),
    (-6021, Refused, Text::new("the common name of the CSR differs from the order's", "общее имя (CN) в CSR не такое, как в заказе")),
    (-6035, Unclear, Text::new("warning about the validity period", "предупреждение о сроке действия")),
    (-6101, Funds, Text::new("the balance is too low", "недостаточно средств на балансе")),
    // "Already renewed" may be the work of the call that is answered, delivered twice on its way.
    (-6102, RefusedOrDone, Text::new("the renewal is refused: other common name, old order not issued or already renewed", "в продлении отказано: другое общее имя (CN), прежний заказ не выпущен или уже продлён")),
    (-9025, Refused, Text::new("the account may not renew that order", "учётной записи нельзя продлить этот заказ")),
    (-9100, Unclear, Text::new("the request cannot be processed", "запрос не может быть обработан")),
    (-9101, Refused, Text::new("an additional name has an illegal option type", "у дополнительного имени недопустимый тип")),
    (-9151, Refused, Text::new("the order was placed with a CSR", "заказ сделан с CSR")),
    (-9152, Refused, Text::new("the address to verify has the wrong format", "у проверяемого адреса неверный формат")),
    (-9200, Credentials, Text::new("this kind of user may not use the operation", "пользователю этого вида операция недоступна")),
    (-9901, Refused, Text::new("the account may not order this product", "учётной записи нельзя заказать этот продукт")),
    (-9902, NoOrder, Text::new("the account has no right to this order", "у учётной записи нет прав на этот заказ")),
    (-9911, Funds, Text::new("insufficient funds", "недостаточно средств")),
    (-9912, Funds, Text::new("insufficient funds", "недостаточно средств")),
    (-9913, Refused, Text::new("the coupon is unknown", "купон неизвестен")),
    (-9914, Refused, Text::new("the coupon or campaign is not valid", "купон или акция недействительны")),
    (-9915, PastIt, Text::new("the order is cancelled already", "заказ уже отменён")),
    (-9916, NoOrder, Text::new("the order is not found", "заказ не найден")),
    (-9918, Refused, Text::new("the coupon or campaign is not valid", "купон или акция недействительны")),
    (-9919, Refused, Text::new("the coupon or campaign is not valid", "купон или акция недействительны")),
    (-9920, Refused, Text::new("the coupon or campaign is not valid", "купон или акция недействительны")),
    (-9922, Refused, Text::new("the coupon or campaign is of another currency", "купон или акция в другой валюте")),
    (-9925, Refused, Text::new("the common name does not fit the product's base option", "общее имя (CN) не подходит к виду продукта")),
    (-9933, Refused, Text::new("the dates exceed the period", "даты выходят за пределы периода")),
    (-9934, Refused, Text::new("the top-level domain is banned", "домен верхнего уровня запрещён")),
    (-9936, Refused, Text::new("the key is too short or known to be weak", "ключ слишком короткий или известен как слабый")),
    (-9938, PastIt, Text::new("the state of the order has changed already", "состояние заказа уже изменилось")),
    (-9939, Locked, Text::new("the account is invalid, stopped or locked", "учётная запись недействительна, остановлена или заблокирована")),
    (-9940, Refused, Text::new("the dates are in the past, or the key was revoked before", "даты в прошлом, либо ключ был отозван")),
    (-9942, Trouble, Text::new("the vendor's issuing system did not accept the request", "система выпуска поставщика не приняла запрос")),
    (-9943, Trouble, Text::new("the vendor's issuing system could not issue", "система выпуска поставщика не смогла выпустить сертификат")),
    (-9949, Refused, Text::new("the end date is beyond the allowed lifetime", "дата окончания превышает допустимый срок действия")),
    (-9952, Refused, Text::new("the top-level domain is not supported", "домен верхнего уровня не поддерживается")),
    (-9953, Refused, Text::new("the country or region is not allowed for this account", "страна или регион недоступны этой учётной записи")),
    (-9961, Refused, Text::new("the elliptic curve is not allowed: use P-256 or P-384", "эллиптическая кривая недопустима: используйте P-256 или P-384")),
    (-9962, Refused, Text::new("compressed elliptic curve keys are not allowed", "сжатые ключи на эллиптических кривых недопустимы")),
    (-9964, Refused, Text::new("hash and key do not fit each other", "хеш и ключ не подходят друг к другу")),
    (-9971, Refused, Text::new("no certificates are issued for internal names", "для внутренних имён сертификаты не выпускаются")),
];

/// -9401 to -9450 belong to the vendor's other API; whatever they mean, nothing was done.
const OTHER_API: std::ops::RangeInclusive<i32> = -9450..=-9401;

/// What a code asks for, and its meaning in our words. An unlisted code says nothing.
pub(super) fn look_up(code: Option<i32>) -> (Class, Text) {
    match code {
        Some(code) if OTHER_API.contains(&code) => (
            Refused,
            Text::new(
                "not allowed by the account's profile",
                "запрещено профилем учётной записи",
            ),
        ),
        Some(code) => CODES.iter().find(|(known, _, _)| *known == code).map_or(
            (
                Unclear,
                Text::new("code not documented", "код не документирован"),
            ),
            |(_, class, text)| (*class, *text),
        ),
        None => (Unclear, Text::new("no code given", "код не указан")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_each_code_once() {
        for (index, (code, _, text)) in CODES.iter().enumerate() {
            assert!(*code < 0 && !text.en.is_empty());
            assert!(
                CODES
                    .iter()
                    .skip(index + 1)
                    .all(|(other, ..)| other != code),
                "{code}"
            );
        }
        assert_eq!(CODES.len(), 73);
    }

    /// The call that is answered, delivered before, may be what did it.
    #[test]
    fn done_already_proves_no_refusal() {
        for code in [-4016, -6102] {
            assert_eq!(look_up(Some(code)).0, RefusedOrDone, "{code}");
        }
    }
}
