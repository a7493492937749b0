import { useState } from "preact/hooks";
import { Button } from "../parts/Button";
import { isPasswordLength, NewPasswordField } from "../parts/NewPasswordField";
import { ProblemMessage } from "../parts/ProblemMessage";
import { useLoad } from "../parts/useLoad";
import { useRequest } from "../parts/useRequest";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { SignInCard } from "./SignInCard";

const WORDING = { not_found: "invited_gone", invalid: "password_weak" } as const;

/** Form of an invited agent: sets a password and signs in. */
export function SetPassword({ token }: { token: string }) {
	const { api, session, invitation } = useStores();
	const t = useText();
	const person = useLoad(() => api.invitation(token), [api, token]);
	const invited = person.value;
	const [password, setPassword] = useState("");
	const { busy, problem, run } = useRequest();

	const submit = () => {
		if (!invited || !isPasswordLength(password)) return;
		void run(async () => {
			await api.takeInvitation(token, password);
			await session.signIn(invited.email, password);
			invitation.forget();
		});
	};
	const shown = problem ?? person.problem;
	const lead = invited ? t("invited_lead", { name: invited.name, email: invited.email }) : "";
	return (
		<SignInCard title={t("invited_title")} lead={lead} onSubmit={submit}>
			<ProblemMessage problem={shown} wording={WORDING} />
			{shown?.code === "not_found" ? (
				<Button wide onClick={() => invitation.forget()}>
					{t("signin_title")}
				</Button>
			) : invited ? (
				<>
					<NewPasswordField value={password} onValue={setPassword} />
					<Button kind="primary" type="submit" busy={busy} disabled={!isPasswordLength(password)} wide>
						{t("invited_submit")}
					</Button>
				</>
			) : null}
		</SignInCard>
	);
}
