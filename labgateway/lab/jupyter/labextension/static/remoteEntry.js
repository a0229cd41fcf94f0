// The lab in JupyterLab: the console in a pane that survives a reload, its tile, and a short tour.
// A container of module federation written by hand, so that there is nothing to build: JupyterLab
// calls init() with the packages that it shares, then get('./extension') for the plugins.
(() => {
  const WORKSPACE = 'lab'; // the one that `labgateway lab` lays out
  const OPEN = 'labgateway:console';
  const TOUR = 'labgateway:tour';
  const TOUR_SEEN = 'labgateway:tour-seen';
  const ICON =
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">' +
    '<path class="jp-icon3" fill="#616161" d="M3 4h18v3H3zm0 13h18v3H3zm2-6h6V8h2v3h6v2h-6v3h-2v-3H5z"/></svg>';
  const STOPS = [
    [
      'Notebooks, on the left',
      'Each is one step. Select a cell and press Shift+Enter; the first cell starts the gateway. ' +
        'check(1), check(2), … say what works and what does not.'
    ],
    [
      'Console, on the right',
      'The gateway as its operators see it: resources, routes, traffic and traces, live. ' +
        'Until the first cell has run it says so.'
    ],
    [
      'Editor and terminal, in tabs below the console',
      'manifests/openai.yaml is a file to edit. In the terminal kubectl, ' +
        'curl "$GATEWAY_IP:$GATEWAY_PORT/openai" and python -m checks work on the same gateway.'
    ],
    [
      'Board, behind the notebook',
      'What a general observability tool would show of the same traffic: figures and a traces explorer. ' +
        'Run its cells when there is traffic.'
    ]
  ];

  let shared;

  // The module that JupyterLab itself uses; these packages are there in one version only.
  async function use(name) {
    const [offered] = Object.values(shared[name]);
    return (await offered.get())();
  }

  async function plugins() {
    const [application, apputils, coreutils, launcher, ui] = await Promise.all(
      ['application', 'apputils', 'coreutils', 'launcher', 'ui-components'].map(name =>
        use(`@jupyterlab/${name}`)
      )
    );
    const icon = new ui.LabIcon({ name: 'labgateway:console', svgstr: ICON });
    return [
      {
        id: 'labgateway:console',
        description: 'The console of the gateway in a pane.',
        autoStart: true,
        optional: [application.ILayoutRestorer, launcher.ILauncher, apputils.ICommandPalette],
        activate: (app, restorer, tiles, palette) =>
          console_(app, { restorer, tiles, palette, apputils, coreutils, icon })
      },
      {
        id: 'labgateway:tour',
        description: 'A short tour of the lab, offered once.',
        autoStart: true,
        optional: [apputils.ICommandPalette],
        activate: (app, palette) => tour(app, { palette, apputils, coreutils })
      }
    ];
  }

  function console_(app, { restorer, tiles, palette, apputils, coreutils, icon }) {
    const tracker = new apputils.WidgetTracker({ namespace: 'labgateway' });
    let pane = null;
    app.commands.addCommand(OPEN, {
      label: 'Gateway console',
      caption: 'Open the console of the gateway beside the notebook',
      icon,
      execute: () => {
        if (!pane || pane.isDisposed) {
          pane = newPane(apputils, coreutils, icon);
          tracker.add(pane);
        }
        if (!pane.isAttached) {
          app.shell.add(pane, 'main', { mode: 'split-right' });
        }
        app.shell.activateById(pane.id);
        return pane;
      }
    });
    restorer?.restore(tracker, { command: OPEN, name: () => 'console' });
    tiles?.add({ command: OPEN, category: 'Other', rank: 0 });
    palette?.addItem({ command: OPEN, category: 'Gateway' });
  }

  function newPane(apputils, coreutils, icon) {
    const content = new apputils.IFrame({
      sandbox: ['allow-same-origin', 'allow-scripts', 'allow-forms', 'allow-popups', 'allow-downloads']
    });
    content.url = coreutils.URLExt.join(coreutils.PageConfig.getBaseUrl(), 'labgateway/ui/');
    content.title.label = 'Gateway console';
    content.title.icon = icon;
    content.node.querySelector('iframe').title = 'Gateway console';
    const pane = new apputils.MainAreaWidget({ content });
    pane.id = 'labgateway-console';
    return pane;
  }

  function tour(app, { palette, apputils, coreutils }) {
    app.commands.addCommand(TOUR, {
      label: 'Tour of the lab',
      execute: () => walk(apputils)
    });
    palette?.addItem({ command: TOUR, category: 'Gateway' });
    const asked = coreutils.PageConfig.getOption('workspace') === WORKSPACE;
    if (!asked || localStorage.getItem(TOUR_SEEN)) {
      return;
    }
    const seen = () => localStorage.setItem(TOUR_SEEN, 'yes');
    app.restored.then(() =>
      apputils.Notification.info('New here? A tour of the lab takes half a minute.', {
        autoClose: false,
        actions: [
          { label: 'Show me around', displayType: 'accent', callback: () => (seen(), walk(apputils)) },
          { label: 'No, thanks', callback: seen }
        ]
      })
    );
  }

  async function walk(apputils) {
    const { Dialog, showDialog } = apputils;
    for (const [number, [title, body]] of STOPS.entries()) {
      const last = number === STOPS.length - 1;
      const result = await showDialog({
        title: `${number + 1} of ${STOPS.length}: ${title}`,
        body,
        buttons: last
          ? [Dialog.okButton({ label: 'Begin' })]
          : [Dialog.cancelButton({ label: 'End the tour' }), Dialog.okButton({ label: 'Next' })]
      });
      if (!result.button.accept) {
        return;
      }
    }
  }

  (window._JUPYTERLAB ??= {}).labgateway = {
    init: scope => {
      shared = scope;
    },
    get: async () => {
      const found = await plugins();
      return () => ({ __esModule: true, default: found });
    }
  };
})();
