//! The proxy that this computer uses: the environment's, else the desktop's.

use hyper_util::client::proxy::matcher::Matcher;

const VARIABLES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The environment decides if it says anything; scripts and administrators rely on that.
pub(super) async fn system_proxy() -> Option<Matcher> {
    if VARIABLES.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return Some(Matcher::from_env());
    }
    desktop::proxy().await
}

#[cfg(target_os = "linux")]
mod desktop {
    use super::Matcher;
    use std::time::Duration;
    use tokio::process::Command;

    const SCHEMA: &str = "org.gnome.system.proxy";
    /// A desktop that does not answer has no proxy.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// GNOME and the desktops that share its settings.
    pub(super) async fn proxy() -> Option<Matcher> {
        std::env::var_os("XDG_CURRENT_DESKTOP")?;
        if setting(SCHEMA, "mode").await? != "manual" {
            return None;
        }
        let mut found = None;
        for kind in ["https", "http"] {
            let schema = format!("{SCHEMA}.{kind}");
            let host = setting(&schema, "host").await.filter(|host| !host.is_empty());
            let port =
                setting(&schema, "port").await.and_then(|port| port.parse::<u16>().ok()).filter(|port| *port != 0);
            if let (Some(host), Some(port)) = (host, port) {
                found = Some(format!("http://{host}:{port}"));
                break;
            }
        }
        let direct = setting(SCHEMA, "ignore-hosts").await.map(|list| plain_list(&list)).unwrap_or_default();
        Some(Matcher::builder().all(found?).no(direct).build())
    }

    async fn setting(schema: &str, name: &str) -> Option<String> {
        let command = Command::new("gsettings").args(["get", schema, name]).kill_on_drop(true).output();
        let output = tokio::time::timeout(PATIENCE, command).await.ok()?.ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().trim_matches('\'').to_owned())
    }

    /// `['localhost', '127.0.0.0/8']` as `localhost,127.0.0.0/8`.
    fn plain_list(list: &str) -> String {
        let names = list.trim_start_matches("@as").trim().trim_matches(['[', ']']).split(',');
        names.map(|name| name.trim().trim_matches('\'')).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(",")
    }

    #[cfg(test)]
    mod tests {
        use super::plain_list;

        #[test]
        fn hosts_without_proxy_are_read_as_the_desktop_writes_them() {
            assert_eq!(plain_list("['localhost', '127.0.0.0/8', '::1']"), "localhost,127.0.0.0/8,::1");
            assert_eq!(plain_list("@as []"), "");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod desktop {
    use super::Matcher;

    /// Windows and macOS keep it in their network settings. Asked for with an address outside the company.
    pub(super) async fn proxy() -> Option<Matcher> {
        let outside = http::Uri::from_static("https://s3.amazonaws.com");
        let proxy = Matcher::from_system().intercept(&outside)?.uri().to_string();
        Some(Matcher::builder().all(proxy).no("localhost,127.0.0.0/8,::1").build())
    }
}
