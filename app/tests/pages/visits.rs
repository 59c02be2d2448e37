//! Every address of the portal, with the title of its page.

/// Stands for a form that was refused and kept.
const DRAFT: &str = "draft=018f3a3e-0000-7000-8000-000000000000";

/// Stages and ends of a change, as [`crate::sample`] numbers them.
pub const CHANGES: std::ops::RangeInclusive<u64> = 1..=15;

pub struct Visit {
    pub path: String,
    /// What the title says before the portal's name.
    pub title: String,
}

fn visit(path: impl Into<String>, title: impl Into<String>) -> Visit {
    Visit {
        path: path.into(),
        title: title.into(),
    }
}

pub fn all() -> Vec<Visit> {
    let environment = "/services/payments/checkout/dev";
    let mut all = vec![
        visit("/", "My work"),
        visit("/approvals", "Approvals"),
        visit("/approvals?after=CH-9", "Approvals"),
        visit(
            "/approvals?show=completed&team=payments",
            "Approvals, completed",
        ),
        visit("/approvals?show=all&stage=dev&after=CH-9", "Approvals, all"),
        visit("/services", "Services"),
        visit("/services?team=payments&after=payments%2Fa", "Services"),
        visit("/services/payments/checkout", "checkout"),
        visit(environment, "checkout at dev"),
        visit(format!("{environment}?{DRAFT}"), "Error: checkout at dev"),
        visit(format!("{environment}?earlier=r9"), "checkout at dev"),
        visit(
            format!("{environment}/promote"),
            "Promote r3 to staging, checkout",
        ),
        visit(
            format!("{environment}/promote?{DRAFT}"),
            "Error: Promote r3 to staging, checkout",
        ),
        visit(
            "/services/payments/checkout/prod/promote",
            "Promote from prod, checkout",
        ),
        visit(
            format!("{environment}/rollback/r2"),
            "Roll back to r2, checkout at dev",
        ),
        visit(
            format!("{environment}/rollback/r2?{DRAFT}"),
            "Error: Roll back to r2, checkout at dev",
        ),
        visit(
            "/services/payments/checkout/prod/rollback/r2",
            "Roll back to r2, checkout at prod",
        ),
        visit("/services/payments/checkout/staging", "checkout at staging"),
        visit("/services/payments/checkout/prod", "checkout at prod"),
        visit("/ask", "Ask for an environment"),
        visit("/ask?stage=dev", "Ask for checkout at dev"),
        visit(
            format!("/ask?stage=dev&{DRAFT}"),
            "Error: Ask for checkout at dev",
        ),
        visit("/history", "History"),
        visit("/history?team=payments&stage=dev&before=7", "History"),
        visit("/freezes", "Freeze windows"),
        visit("/freezes?stage=prod", "Freeze windows"),
        visit("/waivers", "Waivers"),
        visit("/waivers?team=payments&state=asked&before=W-9", "Waivers"),
        visit("/waivers/W-7", "Waiver W-7"),
        visit("/waivers/W-6", "Waiver W-6"),
        visit("/waivers/W-8", "Waiver W-8"),
        visit(format!("/waivers/W-7?{DRAFT}"), "Error: Waiver W-7"),
        visit("/changes/CH-1/waiver?rule=a", "Ask for a waiver, CH-1"),
        visit("/changes/CH-2/waiver?rule=a", "Ask for a waiver, CH-2"),
        visit(
            format!("/changes/CH-1/waiver?rule=a&{DRAFT}"),
            "Error: Ask for a waiver, CH-1",
        ),
        visit("/blueprints", "Blueprints"),
        visit(
            "/blueprints/customer-data-platform",
            "Customer data platform",
        ),
    ];
    let version = |digest: &str| {
        let digest = digest.repeat(16);
        format!("/blueprints/customer-data-platform/{digest}")
    };
    let title = "Customer data platform 1.1.0";
    for digest in ["ef56", "ab12", "0000"] {
        all.push(visit(version(digest), title));
    }
    for query in [
        "stage=dev&against=nothing&access=side-by-side",
        "stage=dev&subject=Role%201",
        "stage=staging",
        "stage=prod",
    ] {
        all.push(visit(format!("{}?{query}", version("ef56")), title));
    }
    all.push(visit(
        format!("{}?{DRAFT}", version("ef56")),
        format!("Error: {title}"),
    ));
    for number in CHANGES {
        let title = format!("CH-{number} Update checkout at dev");
        all.push(visit(format!("/changes/CH-{number}"), &title));
    }
    for number in [1, 3] {
        let title = format!("CH-{number} Update checkout at dev");
        let address = format!("/changes/CH-{number}");
        for look in [
            "access=side-by-side",
            "verdict=narrowed",
            "subject=Role%201",
            "against=nothing",
        ] {
            all.push(visit(format!("{address}?{look}"), &title));
        }
        all.push(visit(
            format!("{address}?{DRAFT}"),
            format!("Error: {title}"),
        ));
    }
    all.push(visit(
        "/changes/CH-1/template?stack=main",
        "Template of main, CH-1",
    ));
    all
}

/// Pages that only say something; nobody's data stands on them.
pub fn words_only() -> Vec<Visit> {
    vec![
        visit("/signed-out", "Signed out"),
        visit("/changes/CH-401", "You are signed out"),
        visit("/changes/CH-403", "Your sign-in does not allow this"),
        visit("/changes/CH-400", "Gatehouse could not read this request"),
        visit("/changes/CH-503", "Gatehouse can't answer just now"),
        visit("/no/such/page", "Nothing to see here"),
    ]
}

/// Whether an address, less its query, is one of a route's, as axum writes routes.
pub fn is_of(path: &str, route: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (path, route): (Vec<_>, Vec<_>) = (path.split('/').collect(), route.split('/').collect());
    path.len() == route.len()
        && path
            .iter()
            .zip(&route)
            .all(|(part, of)| of.starts_with('{') || part == of)
}
