import { LANGUAGE_NAMES, LANGUAGES, type Language } from "@palique/ui/vocabulary";
import { useState } from "preact/hooks";
import type { Site, WidgetTexts } from "../api/shapes";
import { Button } from "../parts/Button";
import { Form } from "../parts/Form";
import { Switch } from "../parts/Switch";
import { SelectField, TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Card } from "./Card";
import { ColourField } from "./ColourField";
import { isColour } from "./colours";
import { useSave } from "./useSave";
import { useSiteDraft } from "./useSiteDraft";
import { WidgetPreview } from "./WidgetPreview";

const FIELDS = ["title", "online", "offline"] as const;
const FIELD_TEXTS = { title: "widget_title", online: "widget_online", offline: "widget_offline" } as const;
// The gateway's limits.
const LIMITS = { title: 60, online: 300, offline: 300 } as const;

/** Settings of the widget: colours, position, texts, consent. */
export function WidgetSettings({ site }: { site: Site }) {
	const t = useText();
	const { language: own } = useStores().language;
	const saving = useSave();
	const draft = useSiteDraft(site, saving);
	const { colours, position, texts } = draft.value;
	const [language, setLanguage] = useState<Language>(own.value);
	const valid = isColour(colours.light) && isColour(colours.dark);

	const write = (field: keyof WidgetTexts, text: string) =>
		draft.edit({ texts: { ...texts, [language]: { ...texts[language], [field]: text } } });
	const save = () => {
		if (valid) void draft.save();
	};
	return (
		<>
			<Form class="settings-form" onSubmit={save}>
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
								options={[
									{ value: "right", text: t("widget_right") },
									{ value: "left", text: t("widget_left") },
								]}
								onValue={(chosen) => draft.edit({ position: chosen })}
							/>
						</div>
						<div class="previews">
							<WidgetPreview theme="light" site={draft.value} language={language} />
							<WidgetPreview theme="dark" site={draft.value} language={language} />
						</div>
					</div>
				</Card>
				<Card title={t("widget_texts")} lead={t("widget_texts_lead")}>
					<SelectField
						label={t("language")}
						value={language}
						options={LANGUAGES.map((one) => ({ value: one, text: LANGUAGE_NAMES[one] }))}
						onValue={setLanguage}
					/>
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
				<div class="settings-foot">
					<Button type="submit" kind="primary" busy={saving.busy} disabled={!draft.dirty || !valid}>
						{t("save")}
					</Button>
				</div>
			</Form>
			<Card title={t("widget_privacy")}>
				<Switch
					label={t("widget_consent")}
					hint={t("widget_consent_hint")}
					on={site.consent}
					busy={saving.busy}
					onChange={(consent) => void saving.site({ consent })}
				/>
			</Card>
		</>
	);
}
