import { hasVisibleText } from "@palique/ui/visible";
import { LANGUAGE_NAMES, LANGUAGES } from "@palique/ui/vocabulary";
import { useState } from "preact/hooks";
import type { Me } from "../api/shapes";
import { SingleKeysSwitch } from "../palette/SingleKeysSwitch";
import { Button } from "../parts/Button";
import { Form } from "../parts/Form";
import { SelectField, TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Card } from "./Card";
import { PasswordForm } from "./PasswordForm";
import { PhotoField } from "./PhotoField";
import { SessionsCard } from "./SessionsCard";
import { useSave } from "./useSave";

/** Settings of one agent: name, photo, language, password, sessions. */
export function ProfileSettings({ me }: { me: Me }) {
	const { keyboard, language, session } = useStores();
	const t = useText();
	const saving = useSave();
	const [name, setName] = useState(me.name);

	const save = () => {
		void saving.run(() => session.change({ name }));
	};
	return (
		<>
			<Card title={t("settings_profile")} lead={t("profile_lead")}>
				<PhotoField me={me} saving={saving} />
				<Form class="settings-form" onSubmit={save}>
					<TextField label={t("field_name")} value={name} onValue={setName} limit={100} />
					<p class="muted small">{me.email}</p>
					<div class="settings-foot">
						<Button
							type="submit"
							kind="primary"
							busy={saving.busy}
							disabled={!hasVisibleText(name) || name === me.name}
						>
							{t("save")}
						</Button>
					</div>
				</Form>
			</Card>
			<Card title={t("language")}>
				<SelectField
					label={t("profile_language")}
					value={language.language.value}
					options={LANGUAGES.map((one) => ({ value: one, text: LANGUAGE_NAMES[one] }))}
					onValue={(one) => {
						language.choose(one);
						void saving.run(() => session.change({ language: one }));
					}}
				/>
			</Card>
			<Card title={t("do_shortcuts")}>
				<SingleKeysSwitch />
				<p>
					<Button icon="keyboard" onClick={() => keyboard.open("shortcuts")}>
						{t("shortcuts_show")}
					</Button>
				</p>
			</Card>
			<PasswordForm email={me.email} />
			<SessionsCard />
		</>
	);
}
