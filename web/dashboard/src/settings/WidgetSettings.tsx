import type { Language } from "@palique/ui/vocabulary";
import { useState } from "preact/hooks";
import type { Site, WidgetTexts } from "../api/shapes";
import { Form } from "../parts/Form";
import { Switch } from "../parts/Switch";
import { SelectField, TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Card } from "./Card";
import { ColourField } from "./ColourField";
import { isColour } from "./colours";
import { LanguageField } from "./LanguageField";
import { SubmitFoot } from "./SubmitFoot";
import { type Saving, useSave } from "./useSave";
import { type SiteDraft, useSiteDraft } from "./useSiteDraft";
import { WidgetPreview } from "./WidgetPreview";

const FIELDS = ["title", "online", "offline"] as const;
const FIELD_TEXTS = { title: "widget_title", online: "widget_online", offline: "widget_offline" } as const;
// The gateway's limits.
const LIMITS = { title: 60, online: 300, offline: 300 } as const;

/** Settings of the widget: colours, position, texts, consent. */
export function WidgetSettings({ site }: { site: Site }) {
	const own = useStores().language.language.value;
	const saving = useSave();
	const draft = useSiteDraft(site, saving);
	const { light, dark } = draft.value.colours;
	const valid = isColour(light) && isColour(dark);
	const [language, setLanguage] = useState<Language>(own);
	return (
		<>
			<Form class="settings-form" onSubmit={() => valid && void draft.save()}>
				<LookCard draft={draft} language={language} />
				<TextsCard draft={draft} language={language} onLanguage={setLanguage} />
				<SubmitFoot busy={saving.busy} disabled={!draft.dirty || !valid} />
			</Form>
			<PrivacyCard site={site} saving={saving} />
		</>
	);
}

interface DraftProps {
	draft: SiteDraft;
	/** Of the texts that are shown. */
	language: Language;
}

function LookCard({ draft, language }: DraftProps) {
	const t = useText();
	const { colours, position } = draft.value;
	const positions = [
		{ value: "right", text: t("widget_right") },
		{ value: "left", text: t("widget_left") },
	] as const;
	return (
		<Card title={t("widget_look")} lead={t("widget_look_lead")}>
			<div class="settings-pair">
				<div class="settings-form">
					<ColourField
						label={t("widget_light")}
						value={colours.light}
						onValue={(light) => draft.edit({ colours: { ...colours, light } })}
					/>
					<ColourField
						label={t("widget_dark")}
						value={colours.dark}
						onValue={(dark) => draft.edit({ colours: { ...colours, dark } })}
					/>
					<SelectField
						label={t("widget_position")}
						value={position}
						options={positions}
						onValue={(chosen) => draft.edit({ position: chosen })}
					/>
				</div>
				<div class="previews">
					<WidgetPreview theme="light" site={draft.value} language={language} />
					<WidgetPreview theme="dark" site={draft.value} language={language} />
				</div>
			</div>
		</Card>
	);
}

function TextsCard({ draft, language, onLanguage }: DraftProps & { onLanguage: (one: Language) => void }) {
	const t = useText();
	const { texts } = draft.value;
	const write = (field: keyof WidgetTexts, text: string) =>
		draft.edit({ texts: { ...texts, [language]: { ...texts[language], [field]: text } } });
	return (
		<Card title={t("widget_texts")} lead={t("widget_texts_lead")}>
			<LanguageField label={t("language")} value={language} onValue={onLanguage} />
			{FIELDS.map((field) => (
				<TextField
					key={field}
					label={t(FIELD_TEXTS[field])}
					value={texts[language][field]}
					lines={field === "title" ? 1 : 2}
					limit={LIMITS[field]}
					onValue={(text) => write(field, text)}
				/>
			))}
		</Card>
	);
}

function PrivacyCard({ site, saving }: { site: Site; saving: Saving }) {
	const t = useText();
	return (
		<Card title={t("widget_privacy")}>
			<Switch
				label={t("widget_consent")}
				hint={t("widget_consent_hint")}
				on={site.consent}
				busy={saving.busy}
				onChange={(consent) => void saving.site({ consent })}
			/>
		</Card>
	);
}
