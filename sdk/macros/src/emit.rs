//! What tasks and flows generate alike: the function that makes a call, its map, the module beside it, parameters, policies.

use crate::attrs::Attrs;
use crate::item::{Checked, Item, Param, Role, name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Index, Visibility};

/// The names of what is generated for one function.
pub struct Names {
    pub call: Ident,
    pub map: Ident,
    pub body: Ident,
    pub run: Ident,
    pub again: Ident,
    pub params: Ident,
    pub codecs: Ident,
    pub result: Ident,
    pub definition: Ident,
    pub reference: Ident,
}

impl Names {
    pub fn new(ident: &Ident) -> Names {
        let lower = name(ident);
        let upper = lower.to_uppercase();
        let span = ident.span();
        Names {
            call: ident.clone(),
            map: format_ident!("__map_{lower}", span = span),
            body: format_ident!("__body_{lower}", span = span),
            run: format_ident!("__run_{lower}", span = span),
            again: format_ident!("__again_{lower}", span = span),
            params: format_ident!("__PARAMS_{upper}", span = span),
            codecs: format_ident!("__CODECS_{upper}", span = span),
            result: format_ident!("__RESULT_{upper}", span = span),
            definition: format_ident!("__DEF_{upper}", span = span),
            reference: format_ident!("__REF_{upper}", span = span),
        }
    }
}

/// The function that makes a call, in place of the user's; and the one that makes a map.
pub fn callers(item: &Item, checked: &Checked, names: &Names, target: &TokenStream, kind: &TokenStream) -> TokenStream {
    let (attrs, _) = item.parted_attrs();
    let (vis, Names { call, map, .. }) = (&item.vis, names);
    let idents: Vec<_> = checked.params.iter().map(|param| &param.ident).collect();
    let texts: Vec<_> = idents.iter().map(|ident| name(ident)).collect();
    let types: Vec<_> = checked.params.iter().map(|param| &param.ty).collect();
    let value = &checked.value;
    let codec = &names.result;
    quote! {
        #(#attrs)*
        #[allow(dead_code, clippy::too_many_arguments, reason = "generated, and called by name as well")]
        #vis fn #call(#(#idents: impl ::headwater_sdk::arg::IntoArg<#types>),*) -> ::headwater_sdk::call::Call<#value, #kind> {
            ::headwater_sdk::call::call(
                #target,
                ::std::vec![#(::headwater_sdk::call::arg::<#types>(#texts, #idents)),*],
                #codec.decode,
            )
        }
        #[doc(hidden)]
        #[allow(dead_code, clippy::too_many_arguments, reason = "generated")]
        #[track_caller]
        #vis fn #map(
            #(#idents: impl ::headwater_sdk::arg::IntoEach<#types>),*
        ) -> ::headwater_sdk::call::Call<::std::vec::Vec<#value>, ::headwater_sdk::call::kind::Map<#kind>> {
            ::headwater_sdk::call::map(
                #target,
                ::std::vec![#(::headwater_sdk::call::each::<#types>(#texts, #idents)),*],
                #codec.decode_list,
            )
        }
    }
}

/// The user's own function under another name.
pub fn body(item: &Item, checked: &Checked, names: &Names) -> TokenStream {
    let Some(block) = &item.body else { return TokenStream::new() };
    let (_, attrs) = item.parted_attrs();
    let (vis, asyncness, returns, name) = (&item.vis, &item.sig.asyncness, &checked.returns, &names.body);
    let patterns = checked.params.iter().map(|param| &param.pattern);
    let types = checked.params.iter().map(|param| &param.ty);
    quote! {
        #(#attrs)*
        #[doc(hidden)]
        #[allow(dead_code, clippy::too_many_arguments, reason = "generated; the words are the user's")]
        #vis #asyncness fn #name(#(#patterns: #types),*) -> #returns #block
    }
}

/// Statements that take the arguments out of JSON, under the parameters' names.
pub fn take(checked: &Checked, names: &Names) -> TokenStream {
    let (params, codecs) = (&names.params, &names.codecs);
    let takes = checked.params.iter().enumerate().map(|(at, param)| {
        let (ident, at_index) = (&param.ident, Index::from(at));
        quote!(let #ident = ::headwater_sdk::def::take(&__args, &#params[#at], #codecs.#at_index.decode)?;)
    });
    quote! {
        let __args = ::headwater_sdk::def::args(__input)?;
        #(#takes)*
    }
}

/// The parameters as constant data, and how they and the result cross. The types' own places, so that one that cannot is reported there.
pub fn params(checked: &Checked, names: &Names) -> TokenStream {
    let Names { params: name, codecs, result, .. } = names;
    let params = checked.params.iter().enumerate().map(|(at, one)| param(one, at, codecs));
    let types: Vec<_> = checked.params.iter().map(|param| &param.ty).collect();
    let made = types.iter().map(|ty| quote_spanned!(ty.span()=> ::headwater_sdk::def::param_codec::<#ty>()));
    let value = &checked.value;
    let made_result = quote_spanned!(value.span()=> ::headwater_sdk::def::result_codec::<#value>());
    quote! {
        #[doc(hidden)]
        const #codecs: (#(::headwater_sdk::def::ParamCodec<#types>,)*) = (#(#made,)*);
        #[doc(hidden)]
        const #result: ::headwater_sdk::def::ResultCodec<#value> = #made_result;
        #[doc(hidden)]
        const #name: &[::headwater_sdk::def::ParamDef] = &[#(#params),*];
    }
}

fn param(param: &Param, at: usize, codecs: &Ident) -> TokenStream {
    let Param { ty, description, .. } = param;
    let name = name(&param.ident);
    let at = Index::from(at);
    let default = match (&param.default, param.optional) {
        (Some(value), _) => {
            let make = quote_spanned!(value.span()=> ::headwater_sdk::def::default_json::<#ty>(#value));
            quote!(::std::option::Option::Some(|| #make))
        }
        (None, true) => quote!(::std::option::Option::Some(|| ::std::string::String::from("null"))),
        (None, false) => quote!(::std::option::Option::None),
    };
    quote!(::headwater_sdk::def::ParamDef { name: #name, description: #description, schema: #codecs.#at.schema, default: #default })
}

/// The module beside the function, the registration, and the guard of the name.
pub fn surroundings(item: &Item, checked: &Checked, names: &Names, name: &str, role: Role) -> TokenStream {
    let Names { call, map, body, again, definition: def, reference, .. } = names;
    let (vis, value) = (&item.vis, &checked.value);
    let types = checked.params.iter().map(|param| &param.ty);
    let inner = from_inside(vis);
    let body = item.body.as_ref().map(|_| quote!(#inner use super::#body as body;));
    let again = (role == Role::Flow && item.body.is_some()).then(|| quote!(#inner use super::#again as again;));
    quote! {
        ::headwater_sdk::inventory::submit! { #def }
        #[doc(hidden)]
        #[allow(dead_code, reason = "generated, for the test kit")]
        #vis const #reference: ::headwater_sdk::def::TaskRef<(#(#types,)*), #value> = ::headwater_sdk::def::TaskRef::new(#name);
        #[doc(hidden)]
        #[allow(unused_imports, reason = "generated, for whoever needs it")]
        #vis mod #call {
            #inner use super::#def as DEF;
            #inner use super::#map as map;
            #inner use super::#reference as TASK;
            #body
            #again
        }
    }
}

/// The same visibility, written from a module inside.
fn from_inside(vis: &Visibility) -> TokenStream {
    match vis {
        Visibility::Inherited => quote!(pub(super)),
        Visibility::Restricted(restricted) if restricted.path.is_ident("self") => quote!(pub(super)),
        Visibility::Restricted(restricted) if restricted.path.is_ident("super") => quote!(pub(in super::super)),
        other => quote!(#other),
    }
}

/// Two of one name in a crate: an error at the second one's name. Exported macros share one namespace in a crate, whatever module they
/// are in; nothing else does that a function's attribute can reach.
pub fn guard(role: Role, name: &str, span: Span) -> TokenStream {
    let letters: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || letter == '_' {
                letter.to_string()
            } else {
                format!("_{:x}_", u32::from(letter))
            }
        })
        .collect();
    let guard = Ident::new(&format!("two_{}s_are_named_{letters}", role.noun()), span);
    quote_spanned! { span=>
        #[doc(hidden)]
        #[macro_export]
        #[allow(non_local_definitions, reason = "it only guards the name")]
        macro_rules! #guard { () => {}; }
    }
}

/// An optional value.
pub fn option<T: quote::ToTokens>(value: &Option<T>) -> TokenStream {
    match value {
        Some(value) => quote!(::std::option::Option::Some(#value)),
        None => quote!(::std::option::Option::None),
    }
}

/// The retry policy.
pub fn retry(attrs: &Attrs) -> TokenStream {
    let Some(retries) = attrs.retries else { return quote!(::std::option::Option::None) };
    let delays = &attrs.delays;
    let (backoff, jitter, max_delay) =
        (attrs.backoff.unwrap_or(1.0), attrs.jitter.unwrap_or(0.0), option(&attrs.max_delay));
    quote!(::std::option::Option::Some(::headwater_sdk::def::RetryDef {
        retries: #retries,
        delays: &[#(#delays),*],
        backoff: #backoff,
        jitter: #jitter,
        max_delay: #max_delay,
    }))
}
