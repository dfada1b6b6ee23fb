//! The user's function: read, and held against the rules that tasks and flows share.

use crate::values;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{
    Attribute, Block, Error, Expr, FnArg, GenericArgument, Ident, Pat, PatType, PathArguments, Result, ReturnType,
    Signature, Token, Type, Visibility,
};

/// Which of the two attributes is on it.
#[derive(Clone, Copy, PartialEq)]
pub enum Role {
    Task,
    Flow,
}

impl Role {
    pub fn noun(self) -> &'static str {
        match self {
            Role::Task => "task",
            Role::Flow => "flow",
        }
    }
}

/// `async fn name(args) -> Result<T>`, with a body or with `;`.
pub struct Item {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub sig: Signature,
    pub body: Option<Block>,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Item> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let begins = [
            input.peek(Token![fn]),
            input.peek(Token![async]),
            input.peek(Token![const]) && !input.peek2(Ident),
            input.peek(Token![unsafe]) && !input.peek2(Token![impl]),
            input.peek(Token![extern]) && !input.peek2(Token![crate]),
        ];
        if !begins.contains(&true) {
            let message = "expected a function, as `async fn name(text: String) -> Result<u64>`; what goes on a type is `#[value]`";
            return Err(input.error(message));
        }
        let sig = input.parse()?;
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            Some(input.parse()?)
        };
        Ok(Item { attrs, vis, sig, body })
    }
}

/// One parameter.
pub struct Param {
    pub ident: Ident,
    /// As it stands in the body's signature: `mut` and all.
    pub pattern: Pat,
    pub ty: Type,
    pub description: String,
    pub default: Option<Expr>,
    pub optional: bool,
}

/// What the rules leave of a signature.
pub struct Checked {
    pub params: Vec<Param>,
    pub returns: Type,
    /// The `T` of `Result<T>`.
    pub value: Type,
}

impl Item {
    /// The function's name as people write it.
    pub fn name(&self) -> String {
        name(&self.sig.ident)
    }

    /// Attributes that speak of the function as others see it, and those that speak of its code.
    pub fn parted_attrs(&self) -> (Vec<&Attribute>, Vec<&Attribute>) {
        let outward = |attr: &&Attribute| {
            ["doc", "deprecated", "must_use"].iter().any(|name| attr.path().is_ident(name)) || self.body.is_none()
        };
        self.attrs.iter().partition(outward)
    }

    pub fn description(&self) -> String {
        description(&self.attrs)
    }

    /// All mistakes of the signature at once.
    pub fn check(&self, role: Role, errors: &mut values::Errors) -> Checked {
        let noun = role.noun();
        if !self.sig.generics.params.is_empty() {
            errors.add(
                self.sig.generics.span(),
                format!("a {noun} has no generic parameters: its schema is part of the manifest"),
            );
        }
        let odd = [
            self.sig.constness.map(|token| (token.span(), "const")),
            self.sig.unsafety.map(|token| (token.span(), "unsafe")),
            self.sig.abi.as_ref().map(|abi| (abi.span(), "extern")),
        ];
        for (span, word) in odd.into_iter().flatten() {
            errors.add(span, format!("a {noun} is an `async fn` or a plain one: leave out `{word}`"));
        }
        if role == Role::Flow && self.sig.asyncness.is_none() {
            errors.add(self.sig.fn_token.span(), "a flow is an `async fn`: it waits for its calls");
        }
        let params: Vec<Param> = self.sig.inputs.iter().filter_map(|input| param(input, noun, errors)).collect();
        for default in params.iter().filter_map(|param| param.default.as_ref()).filter(|_| role == Role::Task) {
            let message = "only a flow's parameter has a default, since whoever calls a task gives all its arguments: take an `Option`";
            errors.add(default.span(), message);
        }
        let (returns, value) = returns(&self.sig, noun).unwrap_or_else(|error| {
            errors.push(error);
            (unit(), unit())
        });
        Checked { params, returns, value }
    }
}

fn unit() -> Type {
    Type::Verbatim(quote::quote!(()))
}

fn param(input: &FnArg, noun: &str, errors: &mut values::Errors) -> Option<Param> {
    let typed = match input {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            errors.add(receiver.span(), format!("a {noun} has no `self`: it is a function of its arguments"));
            return None;
        }
    };
    let Pat::Ident(pattern) = &*typed.pat else {
        errors.add(typed.pat.span(), "a parameter is a plain name: take it apart in the body");
        return None;
    };
    match &*typed.ty {
        Type::Reference(reference) => {
            let owned = owned(reference);
            errors.add(
                typed.ty.span(),
                format!("a parameter is an owned value, since it comes from outside: write `{owned}`"),
            );
        }
        Type::ImplTrait(_) => {
            errors.add(typed.ty.span(), "a parameter has a type of its own: its schema is part of the manifest")
        }
        _ => {}
    }
    let default = default(typed, errors);
    Some(Param {
        ident: pattern.ident.clone(),
        pattern: (*typed.pat).clone(),
        ty: (*typed.ty).clone(),
        description: description(&typed.attrs),
        default,
        optional: is_last_segment(&typed.ty, "Option"),
    })
}

/// What to write in place of a reference.
fn owned(reference: &syn::TypeReference) -> String {
    let inner = &*reference.elem;
    if is_last_segment(inner, "str") {
        return "String".to_owned();
    }
    match inner {
        Type::Slice(slice) => format!("Vec<{}>", plain(&slice.elem)),
        other => plain(other),
    }
}

/// A type as a person would write it.
pub fn plain(ty: &Type) -> String {
    let text = quote::quote!(#ty).to_string();
    text.replace(" :: ", "::")
        .replace(" < ", "<")
        .replace(" <", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
}

fn default(typed: &PatType, errors: &mut values::Errors) -> Option<Expr> {
    let mut default = None;
    for attr in &typed.attrs {
        if attr.path().is_ident("default") {
            match attr.parse_args::<Expr>() {
                Ok(value) => default = Some(value),
                Err(_) => errors.add(attr.span(), "a default is written `#[default(value)]`"),
            }
        } else if !attr.path().is_ident("doc") {
            errors.add(attr.span(), "a parameter takes `#[default(value)]` and nothing else");
        }
    }
    default
}

fn returns(sig: &Signature, noun: &str) -> Result<(Type, Type)> {
    let ty = match &sig.output {
        ReturnType::Type(_, ty) => &**ty,
        ReturnType::Default => {
            let message =
                format!("a {noun} returns a `Result`: write `-> Result<()>` where there is nothing to return");
            return Err(Error::new(sig.ident.span(), message));
        }
    };
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(value)) = arguments.args.first()
    {
        return Ok((ty.clone(), value.clone()));
    }
    let written = if is_last_segment(ty, "Result") { "()".to_owned() } else { plain(ty) };
    Err(Error::new(ty.span(), format!("a {noun} returns a `Result`: write `Result<{written}>`")))
}

/// A name without the mark that makes a keyword one.
pub fn name(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// Whether the type's path ends in this name.
fn is_last_segment(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// The documentation as plain text.
fn description(attrs: &[Attribute]) -> String {
    let lines: Vec<String> = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc"))
        .filter_map(|attr| attr.meta.require_name_value().ok())
        .filter_map(|meta| values::text(&meta.value).ok())
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned())
        .collect();
    lines.join("\n").trim().to_owned()
}
