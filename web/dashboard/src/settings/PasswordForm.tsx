import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import { Button } from "../parts/Button";
import { isPasswordLength, NewPasswordField } from "../parts/NewPasswordField";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Card } from "./Card";

/** Form to change the password. It needs the current one; both are cleared after sending. */
export function PasswordForm({ email }: { email: string }) {
	const { api, toasts } = useStores();
	const t = useText();
	const [current, setCurrent] = useState("");
	const [password, setPassword] = useState("");
	const [problem, setProblem] = useState<Problem | null>(null);
	const [busy, setBusy] = useState(false);

	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy) return;
		setBusy(true);
		setProblem(null);
		try {
			await api.changePassword(current, password);
			setCurrent("");
			setPassword("");
			toasts.show({ text: t("password_changed") });
		} catch (error) {
			setProblem(asProblem(error));
		}
		setBusy(false);
	};
	return (
		<Card title={t("password_title")} lead={t("password_lead")}>
			<form class="settings-form" onSubmit={submit} noValidate>
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
				<div class="settings-foot">
					<Button type="submit" kind="primary" busy={busy} disabled={!current || !isPasswordLength(password)}>
						{t("password_change")}
					</Button>
				</div>
			</form>
		</Card>
	);
}
