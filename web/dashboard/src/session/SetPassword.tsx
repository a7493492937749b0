import "./SignIn.css";
import { useEffect, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import { Button } from "../parts/Button";
import { isPasswordLength, NewPasswordField } from "../parts/NewPasswordField";
import { ProblemMessage } from "../parts/ProblemMessage";
import { useLoad } from "../parts/useLoad";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

/** Form of an invited agent: sets a password and signs in. */
export function SetPassword({ token }: { token: string }) {
	const { api, session, invitation } = useStores();
	const t = useText();
	const person = useLoad(() => api.invitation(token), [api, token]);
	const [password, setPassword] = useState("");
	const [problem, setProblem] = useState<Problem | null>(null);
	const [busy, setBusy] = useState(false);

	useEffect(() => {
		document.title = `${t("invited_title")} · Palique`;
	}, [t]);

	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy || !person.value || !isPasswordLength(password)) return;
		setBusy(true);
		try {
			await api.takeInvitation(token, password);
			await session.signIn(person.value.email, password);
			invitation.forget();
		} catch (error) {
			setProblem(asProblem(error));
		}
		setBusy(false);
	};

	const gone = person.problem?.code === "not_found" || problem?.code === "not_found";
	const shownProblem = problem ?? person.problem;
	return (
		<main class="signin">
			<form class="signin-card" onSubmit={submit} noValidate>
				<h1>{t("invited_title")}</h1>
				<p class="muted">
					{person.value ? t("invited_lead", { name: person.value.name, email: person.value.email }) : ""}
				</p>
				<ProblemMessage
					problem={shownProblem}
					wording={{ not_found: "invited_gone", invalid: "password_weak" }}
				/>
				{gone ? (
					<Button wide onClick={() => invitation.forget()}>
						{t("signin_title")}
					</Button>
				) : person.value ? (
					<>
						<NewPasswordField value={password} onValue={setPassword} />
						<Button kind="primary" type="submit" busy={busy} disabled={!isPasswordLength(password)} wide>
							{t("invited_submit")}
						</Button>
					</>
				) : null}
			</form>
		</main>
	);
}
