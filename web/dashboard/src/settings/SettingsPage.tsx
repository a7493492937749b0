import "./Settings.css";
import type { Me } from "../api/shapes";
import { EmptyState, Skeleton } from "../parts/EmptyState";
import { lazy } from "../parts/lazy";
import { Link } from "../routing/Link";
import { SETTINGS_PARTS, type SettingsPart } from "../routing/route";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

const ProfileSettings = lazy(async () => (await import("./ProfileSettings")).ProfileSettings);
const SiteSettings = lazy(async () => (await import("./ofAdministrators")).SiteSettings);
const WidgetSettings = lazy(async () => (await import("./ofAdministrators")).WidgetSettings);
const AgentsSettings = lazy(async () => (await import("./ofAdministrators")).AgentsSettings);
const MailCard = lazy(async () => (await import("./ofAdministrators")).MailCard);
const PART_TEXTS = {
	site: "settings_site",
	widget: "settings_widget",
	agents: "settings_agents",
	profile: "settings_profile",
} as const;

/** Administrators see all settings, agents only their profile. */
export function SettingsPage({ part, me }: { part: SettingsPart; me: Me }) {
	const t = useText();
	const rules = me.role === "administrator";
	const parts = SETTINGS_PARTS.filter((one) => rules || one === "profile");
	return (
		<>
			<header class="page-head">
				<h1>{t("settings_title")}</h1>
			</header>
			<nav class="settings-nav" aria-label={t("settings_title")}>
				{parts.map((one) => (
					<Link key={one} to={{ page: "settings", part: one }} class="settings-tab" current={one === part}>
						{t(PART_TEXTS[one])}
					</Link>
				))}
			</nav>
			<div class="page-body settings">
				{parts.includes(part) ? (
					<Part part={part} me={me} />
				) : (
					<EmptyState icon="warning" title={t("problem_forbidden")} />
				)}
			</div>
		</>
	);
}

function Part({ part, me }: { part: SettingsPart; me: Me }) {
	const { site } = useStores();
	const found = site.site.value;
	if (part === "profile") return <ProfileSettings me={me} />;
	if (part === "agents") return <AgentsSettings me={me} />;
	if (!found) return <Skeleton lines={6} />;
	if (part === "site")
		return (
			<>
				<SiteSettings site={found} />
				<MailCard email={me.email} />
			</>
		);
	return <WidgetSettings site={found} />;
}
