//! The route table: which service is behind which first segment.

use std::borrow::Cow;

use serde_json::{Value, json};

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Route {
    /// The first segment, with its slash.
    pub(crate) prefix: &'static str,
    /// The service behind it.
    pub(crate) service: &'static str,
    /// Whether the service sees the path without the prefix.
    strip: bool,
    /// Whether its bodies are files.
    pub(crate) uploads: bool,
    /// What its service's errors say besides the envelope, and so ours in its place.
    errors_also: Option<Also>,
}

/// One more field of an error, its value by status.
type Also = (&'static str, fn(u16) -> Value);

const CODE: Option<Also> = Some(("code", |status| json!(status)));
const SUCCESS: Option<Also> = Some(("success", |_| Value::Bool(false)));

/// The table.
pub(crate) static ROUTES: [Route; 8] = [
    stripped("/auth-api", "auth"),
    stripped("/listing-api", "listing"),
    stripped("/conversation-api", "conversation"),
    stripped("/messaging-api", "messaging"),
    Route { prefix: "/chats", service: "messaging", strip: false, uploads: false, errors_also: CODE },
    stripped("/inbox-api", "inbox"),
    stripped("/realtime-api", "realtime"),
    Route { prefix: "/bucket", service: "bucket", strip: false, uploads: true, errors_also: SUCCESS },
];

/// Paths whose service tells pages of other origins itself what they may do: the sites of a widget are the company's to name,
/// and not the operator's.
static OWN_ORIGINS: [&str; 1] = ["/inbox-api/v1/widget/"];

/// Whether the service behind a path answers to pages of other origins by itself.
pub(crate) fn answers_origins(path: &str) -> bool {
    OWN_ORIGINS.iter().any(|prefix| path.starts_with(prefix))
}

const fn stripped(prefix: &'static str, service: &'static str) -> Route {
    Route { prefix, service, strip: true, uploads: false, errors_also: None }
}

/// What an error of the gateway's own says besides the envelope, so that clients find one form under one path.
pub(crate) fn error_also_says(path: &str, status: u16) -> Option<(&'static str, Value)> {
    let (name, value) = find(path)?.0.errors_also?;
    Some((name, value(status)))
}

/// The route of a request, and the path and query that its service sees.
///
/// Nothing is decoded or normalised on the way: only the literal prefix is taken away, so that no dot segment,
/// encoded slash or double slash means one thing here and another behind.
pub(crate) fn find(target: &str) -> Option<(&'static Route, Cow<'_, str>)> {
    ROUTES.iter().find_map(|route| Some((route, route.rewrite(target)?)))
}

/// Where clients find a path of a service; none when no route leads to it.
pub(crate) fn public(service: &str, path: &str) -> Option<String> {
    let of_service = || ROUTES.iter().filter(|route| route.service == service);
    let as_it_is = of_service().any(|route| !route.strip && route.rewrite(path).is_some());
    let prefixed = || Some(format!("{}{path}", of_service().find(|route| route.strip)?.prefix));
    if as_it_is { Some(path.to_owned()) } else { prefixed() }
}

impl Route {
    fn rewrite<'a>(&self, target: &'a str) -> Option<Cow<'a, str>> {
        let tail = target.strip_prefix(self.prefix)?;
        match (tail.chars().next(), self.strip) {
            (None | Some('/' | '?'), false) => Some(Cow::Borrowed(target)),
            (Some('/'), true) => Some(Cow::Borrowed(tail)),
            (None | Some('?'), true) => Some(Cow::Owned(format!("/{tail}"))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(target: &str) -> Option<(&'static str, String)> {
        find(target).map(|(route, path)| (route.service, path.into_owned()))
    }

    #[test]
    fn the_table() {
        let cases = [
            ("/auth-api/v1/users?a=b", "auth", "/v1/users?a=b"),
            ("/auth-api", "auth", "/"),
            ("/auth-api?a", "auth", "/?a"),
            ("/auth-api//x", "auth", "//x"),
            ("/auth-api/../messaging-api/x", "auth", "/../messaging-api/x"),
            ("/auth-api/%2e%2e%2Fbucket", "auth", "/%2e%2e%2Fbucket"),
            ("/listing-api/v1", "listing", "/v1"),
            ("/conversation-api/v1", "conversation", "/v1"),
            ("/messaging-api/v1", "messaging", "/v1"),
            ("/chats", "messaging", "/chats"),
            ("/chats?limit=1", "messaging", "/chats?limit=1"),
            ("/chats/messages", "messaging", "/chats/messages"),
            ("/inbox-api/v1", "inbox", "/v1"),
            ("/realtime-api/v1/socket", "realtime", "/v1/socket"),
            ("/bucket/upload", "bucket", "/bucket/upload"),
        ];
        for (target, service, path) in cases {
            assert_eq!(seen(target), Some((service, path.to_owned())), "{target}");
        }
    }

    #[test]
    fn what_only_looks_like_a_prefix_is_none() {
        for target in [
            "/",
            "*",
            "",
            "/chatsfoo",
            "/auth-apis/x",
            "//auth-api/x",
            "/%61uth-api/x",
            "/AUTH-API/x",
            "/auth-api%2Fx",
        ] {
            assert_eq!(seen(target), None, "{target}");
        }
    }

    #[test]
    fn errors_have_the_form_of_their_path() {
        for path in ["/chats", "/chats/messages", "/chats/"] {
            assert_eq!(error_also_says(path, 413), Some(("code", json!(413))), "{path}");
        }
        for path in ["/bucket", "/bucket/upload", "/bucket/"] {
            assert_eq!(error_also_says(path, 502), Some(("success", json!(false))), "{path}");
        }
        for path in ["/", "/auth-api/login", "/messaging-api/chats", "/chatsfoo", "/buckets", "/docs"] {
            assert_eq!(error_also_says(path, 404), None, "{path}");
        }
    }

    #[test]
    fn only_widgets_know_their_origins() {
        for (path, own) in [
            ("/inbox-api/v1/widget/x/config", true),
            ("/inbox-api/v1/widget", false),
            ("/inbox-api/v1/widgets/x", false),
            ("/inbox-api//v1/widget/x", false),
            ("/inbox-api/v1/conversations", false),
            ("/auth-api/v1/widget/x", false),
            ("/v1/widget/x", false),
        ] {
            assert_eq!(answers_origins(path), own, "{path}");
        }
        assert!(OWN_ORIGINS.iter().all(|prefix| find(prefix).is_some() && prefix.ends_with('/')));
    }

    #[test]
    fn clients_find_a_path_where_a_route_leads_to_it() {
        let public = |service, path| public(service, path);
        assert_eq!(public("auth", "/login").as_deref(), Some("/auth-api/login"));
        assert_eq!(public("messaging", "/v1/messages").as_deref(), Some("/messaging-api/v1/messages"));
        assert_eq!(public("messaging", "/chats").as_deref(), Some("/chats"));
        assert_eq!(public("messaging", "/chats/{id}").as_deref(), Some("/chats/{id}"));
        assert_eq!(public("messaging", "/chatsfoo").as_deref(), Some("/messaging-api/chatsfoo"));
        assert_eq!(public("bucket", "/bucket/upload").as_deref(), Some("/bucket/upload"));
        assert_eq!(public("bucket", "/secret"), None);
        assert_eq!(public("mail", "/x"), None);
    }

    proptest! {
        #[test]
        fn a_service_sees_the_tail_byte_for_byte(index in 0..ROUTES.len(), tail in "/[ -~]{0,60}") {
            let route = &ROUTES[index];
            let target = format!("{}{tail}", route.prefix);
            let path = if route.strip { &tail } else { &target };
            prop_assert_eq!(seen(&target), Some((route.service, path.clone())));
        }

        #[test]
        fn no_target_reaches_a_service_but_through_its_prefix(target in "/?[a-z/.%?-]{0,30}") {
            if let Some((route, _)) = find(&target) {
                let segment = target.split(['/', '?']).nth(1).unwrap();
                prop_assert_eq!(segment, route.prefix.trim_start_matches('/'));
            }
        }
    }
}
