import {
  Auth,
  AuthContext,
  allOf,
  anyOf,
  appPermissions,
  authContext,
  Require,
  RequireScopes,
  scopes,
  signedInWithin,
  userRoles,
} from '@entra-guard/nestjs';
import {
  BadRequestException,
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
} from '@nestjs/common';
import { type Order, OrderBook, readNewOrder } from './order-book.js';

/** A handler without a requirement refuses every caller, so none can be forgotten. */
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrderBook) {}

  /** A user, through an app with the scope to read. */
  @Get()
  @RequireScopes('Orders.Read')
  list(): readonly Order[] {
    return this.orders.list();
  }

  /** A user, or an app without a user. */
  @Post()
  @Require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All')))
  place(@Body() body: unknown, @Auth() auth: AuthContext): Order {
    const order = readNewOrder(body);
    if (order === undefined) throw new BadRequestException('An order has an item and a quantity.');
    return this.orders.place(order, auth.subjectKey);
  }

  /** The nightly job, or an auditor. */
  @Get('export')
  @Header('Content-Type', 'text/csv')
  @Require(
    anyOf(
      appPermissions('Orders.Export.All'),
      allOf(scopes('Orders.Read'), userRoles('Orders.Auditor')),
    ).because('the books are closed every night'),
  )
  export(): string {
    return this.orders.csv();
  }

  /** A user with the app role who signed in recently. */
  @Post(':id/approve')
  @HttpCode(200)
  @Require(allOf(scopes('Orders.Write'), userRoles('Orders.Approver'), signedInWithin('15m')))
  approve(@Param('id', ParseIntPipe) id: number, @Auth() auth: AuthContext): Order {
    const order = this.orders.approve(id, auth.subjectKey);
    if (order === undefined) throw new NotFoundException('There is no such order.');
    return order;
  }

  /** An administrator who satisfied Conditional Access for authentication context c1 ("step-up"). */
  @Delete(':id')
  @HttpCode(204)
  @Require(allOf(scopes('Orders.Write'), userRoles('Orders.Admin'), authContext('c1')))
  delete(@Param('id', ParseIntPipe) id: number): void {
    if (!this.orders.delete(id)) throw new NotFoundException('There is no such order.');
  }
}
