import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Form } from "../parts/Form";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

interface Props {
	cancel: () => void;
	/** Called once the gateway has accepted the password. */
	proven: () => void;
}

/** Asks for the agent's password again, where the sign-in was long ago. */
export function PasswordQuestion({ cancel, proven }: Props) {
	const { api } = useStores();
	const t = useText();
	const [password, setPassword] = useState("");
	const [problem, setProblem] = useState<Problem | null>(null);
	const [busy, setBusy] = useState(false);

	const submit = async () => {
		if (busy || !password) return;
		setBusy(true);
		setProblem(null);
		try {
			await api.prove(password);
			proven();
		} catch (error) {
			setProblem(asProblem(error));
			setBusy(false);
		}
	};
	return (
		<Dialog title={t("proof_title")} onClose={cancel}>
			<Form class="question" onSubmit={() => void submit()}>
				<p>{t("proof_lead")}</p>
				<ProblemMessage problem={problem} wording={{ wrong_credentials: "proof_wrong" }} />
				<TextField
					label={t("signin_password")}
					type="password"
					autocomplete="current-password"
					value={password}
					onValue={setPassword}
				/>
				<div class="question-answers">
					<Button type="submit" kind="primary" busy={busy} disabled={!password}>
						{t("proof_confirm")}
					</Button>
					<Button onClick={cancel}>{t("cancel")}</Button>
				</div>
			</Form>
		</Dialog>
	);
}
