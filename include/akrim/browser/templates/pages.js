// Light or dark as Airflow is set, before anything is drawn; as the system is set where Airflow was never told.
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
