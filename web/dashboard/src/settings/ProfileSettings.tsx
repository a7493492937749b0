import { hasVisibleText } from "@palique/ui/visible";
import type { Language } from "@palique/ui/vocabulary";
import { useState } from "preact/hooks";
import type { Me } from "../api/shapes";
import { SingleKeysSwitch } from "../palette/SingleKeysSwitch";
import { Button } from "../parts/Button";
import { Form } from "../parts/Form";
import { TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Card } from "./Card";
import { LanguageField } from "./LanguageField";
import { PasswordForm } from "./PasswordForm";
import { PhotoField } from "./PhotoField";
import { SessionsCard } from "./SessionsCard";
import { SubmitFoot } from "./SubmitFoot";
import { type Saving, useSave } from "./useSave";

/** Settings of one agent: name, photo, language, password, sessions. */
export function ProfileSettings({ me }: { me: Me }) {
	const { keyboard } = useStores();
	const t = useText();
	const saving = useSave();
	return (
		<>
			<Card title={t("settings_profile")} lead={t("profile_lead")}>
				<PhotoField me={me} saving={saving} />
				<NameForm me={me} saving={saving} />
			</Card>
			<LanguageCard saving={saving} />
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

function NameForm({ me, saving }: { me: Me; saving: Saving }) {
	const { session } = useStores();
	const t = useText();
	const [name, setName] = useState(me.name);
	const save = () => {
		void saving.run(() => session.change({ name }));
	};
	return (
		<Form class="settings-form" onSubmit={save}>
			<TextField label={t("field_name")} value={name} onValue={setName} limit={100} />
			<p class="muted small">{me.email}</p>
			<SubmitFoot busy={saving.busy} disabled={!hasVisibleText(name) || name === me.name} />
		</Form>
	);
}

/** Changes the language here at once and stores it in the account. */
function LanguageCard({ saving }: { saving: Saving }) {
	const { language, session } = useStores();
	const t = useText();
	const choose = (one: Language) => {
		language.choose(one);
		void saving.run(() => session.change({ language: one }));
	};
	return (
		<Card title={t("language")}>
			<LanguageField label={t("profile_language")} value={language.language.value} onValue={choose} />
		</Card>
	);
}
