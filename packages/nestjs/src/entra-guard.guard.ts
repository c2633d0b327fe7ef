import type { ServerResponse } from 'node:http';
import { EntraGuardError, type Guard, type RequestLike } from '@entra-guard/core';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { type ContextId, ContextIdFactory, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { HandlerAccess } from './composition.js';
import { EntraGuardException } from './entra-guard.exception.js';
import { CORE_GUARD, HANDLER_REQUIREMENTS } from './entra-guard.tokens.js';
import type { HandlerRequirements } from './handler-requirements.js';
import { remember } from './request-auth.js';

/**
 * Judges every HTTP request by what its handler and controller declare; denies where nothing is declared. The rules are
 * the core's. To change a step, extend it and pass it as the option `guard`; its parts are injected as properties, so that
 * a subclass has its constructor to itself.
 */
@Injectable()
export class EntraGuard implements CanActivate {
  /** The core's guard. */
  @Inject(CORE_GUARD)
  protected readonly core!: Guard;

  @Inject(HANDLER_REQUIREMENTS)
  private readonly requirements!: HandlerRequirements;

  @Inject(HttpAdapterHost)
  private readonly adapterHost!: HttpAdapterHost;

  @Inject(ModuleRef)
  private readonly moduleRef!: ModuleRef;

  /** Lets pass, or throws an {@link EntraGuardException}. Never answers `false`: that would lose the reason. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      if (context.getType<string>() !== 'http') throw this.refuseTransport(context);
      await this.judge(context);
      return true;
    } catch (error) {
      throw this.toException(error, context);
    }
  }

  /** Node's request, whose `rawHeaders` show a repeated header: on Fastify the one inside Nest's. */
  protected requestOf(context: ExecutionContext): RequestLike {
    const request = context.switchToHttp().getRequest<RequestLike & { readonly raw?: RequestLike }>();
    return this.adapterHost.httpAdapter.getType() === 'fastify' && request.raw ? request.raw : request;
  }

  /** What the handler asks of its callers; nothing is a refusal. */
  protected requirementOf(
    context: ExecutionContext,
  ): HandlerAccess | undefined | Promise<HandlerAccess | undefined> {
    return this.requirements.of(context.getClass(), context.getHandler());
  }

  /** The handler's name in logs and audit events: `OrdersController.list`. */
  protected handlerName(context: ExecutionContext): string {
    const method = this.requirements.methodOf(context.getClass(), context.getHandler());
    return `${context.getClass().name}.${method ?? context.getHandler().name}`;
  }

  /**
   * What is thrown for an error, once its headers are on the response. Errors that are not entra-guard's go on as they
   * are: Nest logs them and answers 500.
   */
  protected toException(error: unknown, context: ExecutionContext): unknown {
    if (!EntraGuardError.is(error)) return error;
    const answer = this.core.toHttp(error);
    if (context.getType<string>() === 'http') this.setHeaders(context, answer.headers);
    return new EntraGuardException(answer, error);
  }

  private setHeaders(context: ExecutionContext, headers: Readonly<Record<string, string>>): void {
    const { httpAdapter } = this.adapterHost;
    const response = context.switchToHttp().getResponse<ServerResponse>();
    for (const [name, value] of Object.entries(headers)) {
      if (name === 'Content-Type' && httpAdapter.getType() === 'express') labelJson(response, value);
      else httpAdapter.setHeader(response, name, value);
    }
  }

  private async judge(context: ExecutionContext): Promise<void> {
    const nestRequest = context.switchToHttp().getRequest<object>();
    const request = this.requestOf(context);
    const access = await this.requirementOf(context);
    const place = {
      handler: this.handlerName(context),
      request: nestRequest,
      resolve: this.resolver(nestRequest),
    };
    if (access === undefined) throw this.core.refuse(request, place);
    const auth =
      access.mode === 'optional'
        ? await this.core.authenticate(request, { ...place, optional: true })
        : await this.core.require(request, access.requirement, place);
    remember([nestRequest, request], { auth, optional: access.mode === 'optional' });
  }

  /** GraphQL, WebSockets and messages: nothing here knows how to read their credentials, so nobody gets in. */
  private refuseTransport(context: ExecutionContext): EntraGuardError {
    const handler = `${this.handlerName(context)} (${context.getType<string>()})`;
    return this.core.refuse(
      { headers: {} },
      { handler },
      {
        message: `${handler} was called, and this version judges HTTP requests only, whatever a handler declares.`,
        hint: 'With installGuard: false, put @UseGuards(EntraGuard) on HTTP controllers, and guard the others in another way.',
      },
    );
  }

  /** Finds providers for checks, request-scoped ones in the very scope that the handler lives in. */
  private resolver(request: object): (token: unknown) => Promise<unknown> {
    let scope: ContextId | undefined;
    return (token) => {
      scope ??= this.scopeOf(request);
      return this.moduleRef.resolve(token as Parameters<ModuleRef['resolve']>[0], scope, { strict: false });
    };
  }

  private scopeOf(request: object): ContextId {
    const scope = ContextIdFactory.getByRequest(request);
    // Nest gives a request a scope only where its controller needs one; else each call makes another.
    if (ContextIdFactory.getByRequest(request) !== scope)
      this.moduleRef.registerRequestByContextId(request, scope);
    return scope;
  }
}

/**
 * Labels JSON when the head is written. Set any earlier, Nest 11 on Express would replace the type by `application/json`,
 * with a line in the log for each refused request.
 */
function labelJson(response: ServerResponse, type: string): void {
  const writeHead = response.writeHead;
  response.writeHead = (...head: unknown[]): ServerResponse => {
    const given = String(response.getHeader('Content-Type') ?? '');
    if (given.startsWith('application/json')) response.setHeader('Content-Type', type);
    return Reflect.apply(writeHead, response, head) as ServerResponse;
  };
}
