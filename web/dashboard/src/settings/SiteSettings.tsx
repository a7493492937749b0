import { useState } from "preact/hooks";
import type { Site } from "../api/shapes";
import { CopyField } from "../parts/CopyField";
import { Form } from "../parts/Form";
import { Switch } from "../parts/Switch";
import { TextField } from "../parts/TextField";
import { useText } from "../texts/useText";
import { Card } from "./Card";
import { SubmitFoot } from "./SubmitFoot";
import { SwitchOffQuestion } from "./SwitchOffQuestion";
import { type Saving, useSave } from "./useSave";
import { useSiteDraft } from "./useSiteDraft";

/** Settings of the site: live chat on or off, the script tag, allowed origins (S-03). */
export function SiteSettings({ site }: { site: Site }) {
	const t = useText();
	const saving = useSave();
	return (
		<>
			<ChatCard site={site} saving={saving} />
			<TeamCard site={site} saving={saving} />
			<Card title={t("site_snippet")} lead={t("site_snippet_lead")}>
				<CopyField label={t("site_snippet")} text={snippet(location.origin, site.site)} />
			</Card>
			<PagesCard site={site} saving={saving} />
		</>
	);
}

interface Props {
	site: Site;
	saving: Saving;
}

/** Turns live chat on, or off after a question. */
function ChatCard({ site, saving }: Props) {
	const t = useText();
	const [asking, setAsking] = useState(false);
	return (
		<Card title={t("site_chat")}>
			<Switch
				label={t("site_enabled")}
				hint={t(site.enabled ? "site_enabled_hint" : "site_disabled_hint")}
				on={site.enabled}
				busy={saving.busy}
				onChange={(enabled) => (enabled ? void saving.site({ enabled }) : setAsking(true))}
			/>
			{asking ? (
				<SwitchOffQuestion
					busy={saving.busy}
					cancel={() => setAsking(false)}
					switchOff={() => void saving.site({ enabled: false }).then(() => setAsking(false))}
				/>
			) : null}
		</Card>
	);
}

/** Lets agents give chats back and administrators take them over. */
function TeamCard({ site, saving }: Props) {
	const t = useText();
	return (
		<Card title={t("site_teams_title")}>
			<Switch
				label={t("site_teams")}
				hint={t("site_teams_hint")}
				on={site.teams}
				busy={saving.busy}
				onChange={(teams) => void saving.site({ teams })}
			/>
		</Card>
	);
}

/** Name of the site, and the origins of its pages. */
function PagesCard({ site, saving }: Props) {
	const t = useText();
	const draft = useSiteDraft(site, saving);
	// The text while it is edited; `null` shows the site's value.
	const [written, setWritten] = useState<string | null>(null);
	const write = (text: string) => {
		setWritten(text);
		draft.edit({ origins: lines(text) });
	};
	const save = () => {
		void draft.save().then(() => setWritten(null));
	};
	return (
		<Card title={t("site_pages")}>
			<Form class="settings-form" onSubmit={save}>
				<TextField
					label={t("site_name")}
					value={draft.value.name}
					onValue={(name) => draft.edit({ name })}
					limit={100}
				/>
				<TextField
					label={t("site_origins")}
					hint={t("site_origins_hint")}
					lines={4}
					value={written ?? draft.value.origins.join("\n")}
					onValue={write}
				/>
				<SubmitFoot busy={saving.busy} disabled={!draft.dirty} />
			</Form>
		</Card>
	);
}

/** The script tag for the site's pages (W-01). */
export function snippet(gateway: string, site: string): string {
	return `<script src="${gateway}/widget.js" data-site="${site}" async></script>`;
}

function lines(text: string): string[] {
	return text
		.split("\n")
		.map((line) => line.trim())
		.filter(Boolean);
}
