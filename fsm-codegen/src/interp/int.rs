//! Integers of every type that Rust has, with arithmetic that notices when it leaves the range.
//!
//! Below [`super::value`]. Each type is its own variant, so that range, shifts and powers are Rust's own.

use std::fmt;

/// An operation on two integers of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    Xor,
}

macro_rules! integers {
    ($($variant:ident $ty:ident)*) => {
        /// An integer with its type.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each holds the type of that name")]
        pub enum Int { $($variant($ty)),* }

        /// The type of an [`Int`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each is the type of that name")]
        pub enum IntType { $($variant),* }

        impl IntType {
            /// The type of that name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($ty) => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($ty)),* }
            }

            /// A number in this type; `None` where it is out of range.
            #[must_use]
            pub fn hold(self, number: i128) -> Option<Int> {
                match self { $(Self::$variant => $ty::try_from(number).ok().map(Int::$variant)),* }
            }

            /// The same of a number that may be too large for `i128`.
            #[must_use]
            pub fn hold_large(self, number: u128) -> Option<Int> {
                match self { $(Self::$variant => $ty::try_from(number).ok().map(Int::$variant)),* }
            }

            /// What `as` makes of a float.
            #[must_use]
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as Rust's `as` does")]
            pub(super) fn truncate(self, number: f64) -> Int {
                match self { $(Self::$variant => Int::$variant(number as $ty)),* }
            }

            /// `MIN`.
            pub(super) const fn min(self) -> Int {
                match self { $(Self::$variant => Int::$variant($ty::MIN)),* }
            }

            /// `MAX`.
            pub(super) const fn max(self) -> Int {
                match self { $(Self::$variant => Int::$variant($ty::MAX)),* }
            }
        }

        impl Int {
            /// Its type.
            #[must_use]
            pub const fn ty(self) -> IntType {
                match self { $(Self::$variant(_) => IntType::$variant),* }
            }

            /// Its value; `None` beyond `i128`.
            #[must_use]
            pub fn value(self) -> Option<i128> {
                match self { $(Self::$variant(value) => i128::try_from(value).ok()),* }
            }

            /// What `as f64` makes of it.
            #[must_use]
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless, reason = "as Rust's `as` does")]
            pub fn as_f64(self) -> f64 {
                match self { $(Self::$variant(value) => value as f64),* }
            }

            /// What `as` makes of it: the low bits.
            #[must_use]
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap,
                clippy::cast_lossless, reason = "as Rust's `as` does")]
            pub(super) fn cast(self, ty: IntType) -> Self {
                let bits = match self { $(Self::$variant(value) => value as i128),* };
                match ty { $(IntType::$variant => Self::$variant(bits as $ty)),* }
            }

            /// The operation; `None` where the result is out of range, or a division is by zero, or the types differ.
            pub(super) fn checked(self, op: Op, other: Self) -> Option<Self> {
                match (self, other) {
                    $((Self::$variant(a), Self::$variant(b)) => match op {
                        Op::Add => a.checked_add(b),
                        Op::Sub => a.checked_sub(b),
                        Op::Mul => a.checked_mul(b),
                        Op::Div => a.checked_div(b),
                        Op::Rem => a.checked_rem(b),
                        Op::And => Some(a & b),
                        Op::Or => Some(a | b),
                        Op::Xor => Some(a ^ b),
                    }.map(Self::$variant),)*
                    _ => None,
                }
            }

            /// `<<` or `>>`; `None` where as many bits are not there.
            pub(super) fn shift(self, left: bool, by: u32) -> Option<Self> {
                match self {
                    $(Self::$variant(a) => if left { a.checked_shl(by) } else { a.checked_shr(by) }.map(Self::$variant)),*
                }
            }

            /// `-`.
            pub(super) fn negated(self) -> Option<Self> {
                match self { $(Self::$variant(a) => a.checked_neg().map(Self::$variant)),* }
            }

            /// `!`.
            pub(super) const fn inverted(self) -> Self {
                match self { $(Self::$variant(a) => Self::$variant(!a)),* }
            }

            /// `pow`.
            pub(super) fn power(self, exponent: u32) -> Option<Self> {
                match self { $(Self::$variant(a) => a.checked_pow(exponent).map(Self::$variant)),* }
            }

            /// `saturating_add` and its like; `None` for the operations that have no such form.
            pub(super) fn saturating(self, op: Op, other: Self) -> Option<Self> {
                match (self, other) {
                    $((Self::$variant(a), Self::$variant(b)) => match op {
                        Op::Add => Some(a.saturating_add(b)),
                        Op::Sub => Some(a.saturating_sub(b)),
                        Op::Mul => Some(a.saturating_mul(b)),
                        _ => None,
                    }.map(Self::$variant),)*
                    _ => None,
                }
            }

            /// `wrapping_add` and its like, likewise.
            pub(super) fn wrapping(self, op: Op, other: Self) -> Option<Self> {
                match (self, other) {
                    $((Self::$variant(a), Self::$variant(b)) => match op {
                        Op::Add => Some(a.wrapping_add(b)),
                        Op::Sub => Some(a.wrapping_sub(b)),
                        Op::Mul => Some(a.wrapping_mul(b)),
                        _ => None,
                    }.map(Self::$variant),)*
                    _ => None,
                }
            }

            /// `rem_euclid`.
            pub(super) fn rem_euclid(self, other: Self) -> Option<Self> {
                match (self, other) {
                    $((Self::$variant(a), Self::$variant(b)) => a.checked_rem_euclid(b).map(Self::$variant),)*
                    _ => None,
                }
            }

            /// `abs_diff`, where it stays in the type.
            pub(super) fn abs_diff(self, other: Self) -> Option<Self> {
                match (self, other) {
                    $((Self::$variant(a), Self::$variant(b)) => $ty::try_from(a.abs_diff(b)).ok().map(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for Int {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant(value) => value.fmt(f)),* }
            }
        }
    };
}

integers! {
    I8 i8 I16 i16 I32 i32 I64 i64 I128 i128 Isize isize
    U8 u8 U16 u16 U32 u32 U64 u64 U128 u128 Usize usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_stays_in_its_type() {
        let (top, one) = (Int::U8(255), Int::U8(1));
        assert_eq!(top.checked(Op::Add, one), None);
        assert_eq!(top.saturating(Op::Add, one), Some(top));
        assert_eq!(top.wrapping(Op::Add, one), Some(Int::U8(0)));
        assert_eq!(Int::I32(7).checked(Op::Div, Int::I32(0)), None);
        assert_eq!(Int::I32(i32::MIN).negated(), None);
        assert_eq!(Int::U8(1).shift(true, 8), None);
        assert_eq!(Int::I16(-1).cast(IntType::U8), top);
        assert_eq!(Int::U128(u128::MAX).value(), None);
        assert_eq!(IntType::U8.hold(256), None);
    }
}
