/** Spanish texts of mail. */
import type { Texts } from "@palique/ui/i18n";
import type { en } from "./en";

export const es: Texts<keyof typeof en> = {
	title: "Correo",
	lead_on: "Los enlaces para elegir una contraseña también se envían por correo, desde {sender}.",
	lead_off:
		"No hay un servidor de correo configurado. Copia los enlaces para elegir una contraseña y envíalos tú.",
	lead_operator: "Quien administra el servidor define PALIQUE_MAIL_SERVER.",
	waiting: "Correos a la espera de otro intento: {count}",
	test: "Enviarme un correo de prueba",
	test_sent: "El servidor de correo ha aceptado el correo de prueba para {email}.",
	test_failed: "El correo de prueba no se ha enviado.",
	sent: "Enviado por correo a {email}.",
	sent_lead: "El enlace solo se muestra ahora, funciona una vez y caduca el {until}.",
	queued: "Aún no se ha enviado por correo. El próximo intento es automático.",
	off: "No se ha enviado por correo: no hay un servidor de correo configurado.",
	refused: "No se ha enviado por correo: el servidor de correo lo ha rechazado.",
	expired: "No se ha enviado por correo: el enlace caducó antes.",
	unavailable: "No se ha enviado por correo: el servicio de correo no responde.",
	too_many: "No se ha enviado por correo: demasiados correos en poco tiempo.",
	fault_connection: "El servidor de correo no responde.",
	fault_tls: "No hay una conexión segura con el servidor de correo.",
	fault_sign_in: "El servidor de correo rechaza el usuario o la contraseña.",
	answer: "Respuesta del servidor de correo",
};
