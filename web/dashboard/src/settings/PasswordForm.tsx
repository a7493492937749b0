import { useState } from "preact/hooks";
import { Form } from "../parts/Form";
import { isPasswordLength, NewPasswordField } from "../parts/NewPasswordField";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useRequest } from "../parts/useRequest";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Card } from "./Card";
import { SubmitFoot } from "./SubmitFoot";

/** Form to change the password. It needs the current one; both are cleared after sending. */
export function PasswordForm({ email }: { email: string }) {
	const { api, toasts } = useStores();
	const t = useText();
	const [current, setCurrent] = useState("");
	const [password, setPassword] = useState("");
	const { busy, problem, run, clear } = useRequest();
	const unfit = !current || !isPasswordLength(password);

	const change = () =>
		run(async () => {
			clear();
			await api.changePassword(current, password);
			setCurrent("");
			setPassword("");
			toasts.show({ text: t("password_changed") });
		});
	return (
		<Card title={t("password_title")} lead={t("password_lead")}>
			<Form class="settings-form" onSubmit={change}>
				{/* For the browser's password manager. */}
				<input type="text" autocomplete="username" value={email} readOnly hidden />
				<ProblemMessage
					problem={problem}
					wording={{ wrong_credentials: "password_wrong", invalid: "password_weak" }}
				/>
				<TextField
					label={t("password_current")}
					type="password"
					autocomplete="current-password"
					value={current}
					onValue={setCurrent}
				/>
				<NewPasswordField value={password} onValue={setPassword} />
				<SubmitFoot text={t("password_change")} busy={busy} disabled={unfit} />
			</Form>
		</Card>
	);
}
